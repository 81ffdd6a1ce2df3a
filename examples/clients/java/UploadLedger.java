import com.fasterxml.jackson.databind.ObjectMapper;
import guarantee.ApiClient;
import guarantee.ApiException;
import guarantee.api.AssessmentsApi;
import guarantee.api.AssessmentsApi.APIUploadPortfolioRequest;
import guarantee.model.Assessed;
import guarantee.model.WrongValueDocument;
import guarantee.model.WrongValuesDocument;
import java.io.File;
import java.util.List;

/** Uploads a ledger and prints its compensation; then asks for a year that is not covered. */
public final class UploadLedger {
    public static void main(String[] arguments) throws Exception {
        ApiClient service = new ApiClient();
        service.updateBaseUri(arguments[0]);
        AssessmentsApi assessments = new AssessmentsApi(service);
        File ledger = new File(arguments[1]);

        Assessed result = upload(assessments, ledger, 2022);
        System.out.println(result.getSummary().getTotals().getCompensation().toPlainString());
        try {
            upload(assessments, ledger, 2010);
        } catch (ApiException refused) {
            WrongValuesDocument problem =
                    new ObjectMapper().readValue(refused.getResponseBody(), WrongValuesDocument.class);
            for (WrongValueDocument wrong : problem.getErrors()) {
                System.out.println(problem.getStatus() + " " + wrong.getParameter() + " " + wrong.getKind());
            }
        }
    }

    private static Assessed upload(AssessmentsApi assessments, File ledger, int year)
            throws ApiException {
        return assessments.uploadPortfolio(
                APIUploadPortfolioRequest.newBuilder()
                        .policy("jiyuan-2022")
                        .year(year)
                        ._file(ledger)
                        // What is generated loops over lists, even over null.
                        .explainClaims(List.of())
                        .explainInstitutions(List.of())
                        .build());
    }
}
