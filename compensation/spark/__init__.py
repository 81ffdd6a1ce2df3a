"""The same computation on Apache Spark, for ledgers that one machine does not hold.

Needs the extra ``spark``: ``pip install 'guarantee-compensation[spark]'``, and Java 17 or newer.
"""

from __future__ import annotations

from compensation.spark.assessment import SparkAssessment, assess

__all__ = ["SparkAssessment", "assess"]
