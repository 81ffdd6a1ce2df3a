"""Uploads a ledger and prints its compensation; then asks for a year that is not covered."""

import sys
from pathlib import Path

from guarantee import ApiClient, AssessmentsApi, Configuration, WrongValuesDocument
from guarantee.exceptions import UnprocessableEntityException


def main(service: str, path: Path) -> None:
    """Ask a service about the ledger at ``path``."""
    with ApiClient(Configuration(host=service)) as client:
        assessments = AssessmentsApi(client)
        file = (path.name, path.read_bytes())
        result = assessments.upload_portfolio("jiyuan-2022", 2022, file)
        print(result.summary.totals.compensation)
        try:
            assessments.upload_portfolio("jiyuan-2022", 2010, file)
        except UnprocessableEntityException as refused:
            problem = WrongValuesDocument.from_json(refused.body)
            for wrong in problem.errors:
                print(problem.status, wrong.parameter, wrong.kind)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
