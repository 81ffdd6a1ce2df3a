// Uploads a ledger and prints its compensation; then asks for a year that is not covered.
import { readFileSync } from "node:fs";
import {
    AssessmentsApi,
    Configuration,
    ResponseError,
    UploadPortfolioPolicyEnum,
    WrongValuesDocumentFromJSON,
} from "./guarantee";

async function main(service: string, path: string): Promise<void> {
    const assessments = new AssessmentsApi(new Configuration({ basePath: service }));
    const file = new Blob([readFileSync(path)]);
    const policy = UploadPortfolioPolicyEnum.Jiyuan2022;

    const result = await assessments.uploadPortfolio({ policy, year: 2022, file });
    console.log(result.summary.totals.compensation);
    try {
        await assessments.uploadPortfolio({ policy, year: 2010, file });
    } catch (refused) {
        if (!(refused instanceof ResponseError)) throw refused;
        const problem = WrongValuesDocumentFromJSON(await refused.response.json());
        for (const wrong of problem.errors) {
            console.log(problem.status, wrong.parameter, wrong.kind);
        }
    }
}

const [service = "", path = ""] = process.argv.slice(2);
void main(service, path);
