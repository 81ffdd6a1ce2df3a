"""The same computation on Apache Spark, for ledgers that one machine does not hold.

Needs the extra ``spark``: ``pip install 'guarantee-compensation[spark]'``, and Java 17 or newer.
"""

from __future__ import annotations

from compensation.spark.assessment import SparkAssessment, assess, assess_policies
from compensation.spark.settlement import SparkSettlement, settle

__all__ = ["SparkAssessment", "SparkSettlement", "assess", "assess_policies", "settle"]
