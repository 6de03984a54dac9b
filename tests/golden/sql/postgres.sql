-- accuracy
SELECT
  CAST(CASE
    WHEN "t0"."baseline_number" IS NULL
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END = (
    "t0"."label" = '1'
  ) AS DOUBLE PRECISION) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CAST(CASE
    WHEN "t0"."candidate_number" IS NULL
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END = (
    "t0"."label" = '1'
  ) AS DOUBLE PRECISION) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- accuracy, one probability per class
SELECT
  CAST("t0"."baseline_text" = "t0"."label" AS DOUBLE PRECISION) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CAST("t0"."candidate_text" = "t0"."label" AS DOUBLE PRECISION) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- precision
SELECT
  CAST(CASE
    WHEN "t0"."baseline_number" IS NULL
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END
  AND (
    "t0"."label" = '1'
  ) AS DOUBLE PRECISION) * "t0"."weight" AS "num_baseline",
  CAST(CASE
    WHEN "t0"."baseline_number" IS NULL
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END AS DOUBLE PRECISION) * "t0"."weight" AS "den_baseline",
  CAST(CASE
    WHEN "t0"."candidate_number" IS NULL
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END
  AND (
    "t0"."label" = '1'
  ) AS DOUBLE PRECISION) * "t0"."weight" AS "num_candidate",
  CAST(CASE
    WHEN "t0"."candidate_number" IS NULL
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END AS DOUBLE PRECISION) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- precision, one probability per class
SELECT
  CAST((
    "t0"."baseline_text" = '1'
  ) AND (
    "t0"."label" = '1'
  ) AS DOUBLE PRECISION) * "t0"."weight" AS "num_baseline",
  CAST("t0"."baseline_text" = '1' AS DOUBLE PRECISION) * "t0"."weight" AS "den_baseline",
  CAST((
    "t0"."candidate_text" = '1'
  ) AND (
    "t0"."label" = '1'
  ) AS DOUBLE PRECISION) * "t0"."weight" AS "num_candidate",
  CAST("t0"."candidate_text" = '1' AS DOUBLE PRECISION) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- recall
SELECT
  CAST(CASE WHEN "t0"."baseline_text" IS NOT NULL THEN "t0"."label" = '1' ELSE NULL END
  AND CASE
    WHEN "t0"."baseline_number" IS NULL
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END AS DOUBLE PRECISION) * "t0"."weight" AS "num_baseline",
  CAST(CASE WHEN "t0"."baseline_text" IS NOT NULL THEN "t0"."label" = '1' ELSE NULL END AS DOUBLE PRECISION) * "t0"."weight" AS "den_baseline",
  CAST(CASE WHEN "t0"."candidate_text" IS NOT NULL THEN "t0"."label" = '1' ELSE NULL END
  AND CASE
    WHEN "t0"."candidate_number" IS NULL
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END AS DOUBLE PRECISION) * "t0"."weight" AS "num_candidate",
  CAST(CASE WHEN "t0"."candidate_text" IS NOT NULL THEN "t0"."label" = '1' ELSE NULL END AS DOUBLE PRECISION) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- recall, one probability per class
SELECT
  CAST(CASE WHEN "t0"."baseline_text" IS NOT NULL THEN "t0"."label" = '1' ELSE NULL END
  AND (
    "t0"."baseline_text" = '1'
  ) AS DOUBLE PRECISION) * "t0"."weight" AS "num_baseline",
  CAST(CASE WHEN "t0"."baseline_text" IS NOT NULL THEN "t0"."label" = '1' ELSE NULL END AS DOUBLE PRECISION) * "t0"."weight" AS "den_baseline",
  CAST(CASE WHEN "t0"."candidate_text" IS NOT NULL THEN "t0"."label" = '1' ELSE NULL END
  AND (
    "t0"."candidate_text" = '1'
  ) AS DOUBLE PRECISION) * "t0"."weight" AS "num_candidate",
  CAST(CASE WHEN "t0"."candidate_text" IS NOT NULL THEN "t0"."label" = '1' ELSE NULL END AS DOUBLE PRECISION) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- false_positive_rate
SELECT
  CAST(CASE WHEN "t0"."baseline_text" IS NOT NULL THEN "t0"."label" <> '1' ELSE NULL END
  AND CASE
    WHEN "t0"."baseline_number" IS NULL
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END AS DOUBLE PRECISION) * "t0"."weight" AS "num_baseline",
  CAST(CASE WHEN "t0"."baseline_text" IS NOT NULL THEN "t0"."label" <> '1' ELSE NULL END AS DOUBLE PRECISION) * "t0"."weight" AS "den_baseline",
  CAST(CASE WHEN "t0"."candidate_text" IS NOT NULL THEN "t0"."label" <> '1' ELSE NULL END
  AND CASE
    WHEN "t0"."candidate_number" IS NULL
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END AS DOUBLE PRECISION) * "t0"."weight" AS "num_candidate",
  CAST(CASE WHEN "t0"."candidate_text" IS NOT NULL THEN "t0"."label" <> '1' ELSE NULL END AS DOUBLE PRECISION) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- false_positive_rate, one probability per class
SELECT
  CAST(CASE WHEN "t0"."baseline_text" IS NOT NULL THEN "t0"."label" <> '1' ELSE NULL END
  AND (
    "t0"."baseline_text" = '1'
  ) AS DOUBLE PRECISION) * "t0"."weight" AS "num_baseline",
  CAST(CASE WHEN "t0"."baseline_text" IS NOT NULL THEN "t0"."label" <> '1' ELSE NULL END AS DOUBLE PRECISION) * "t0"."weight" AS "den_baseline",
  CAST(CASE WHEN "t0"."candidate_text" IS NOT NULL THEN "t0"."label" <> '1' ELSE NULL END
  AND (
    "t0"."candidate_text" = '1'
  ) AS DOUBLE PRECISION) * "t0"."weight" AS "num_candidate",
  CAST(CASE WHEN "t0"."candidate_text" IS NOT NULL THEN "t0"."label" <> '1' ELSE NULL END AS DOUBLE PRECISION) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- log_loss
SELECT
  -(
    LN(
      CASE
        WHEN CASE
          WHEN "t0"."label" = '1'
          THEN "t0"."baseline_number"
          ELSE 1 - "t0"."baseline_number"
        END IS NULL
        THEN CASE
          WHEN "t0"."label" = '1'
          THEN "t0"."baseline_number"
          ELSE 1 - "t0"."baseline_number"
        END
        ELSE GREATEST(
          1e-15,
          CASE
            WHEN "t0"."label" = '1'
            THEN "t0"."baseline_number"
            ELSE 1 - "t0"."baseline_number"
          END
        )
      END
    )
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  -(
    LN(
      CASE
        WHEN CASE
          WHEN "t0"."label" = '1'
          THEN "t0"."candidate_number"
          ELSE 1 - "t0"."candidate_number"
        END IS NULL
        THEN CASE
          WHEN "t0"."label" = '1'
          THEN "t0"."candidate_number"
          ELSE 1 - "t0"."candidate_number"
        END
        ELSE GREATEST(
          1e-15,
          CASE
            WHEN "t0"."label" = '1'
            THEN "t0"."candidate_number"
            ELSE 1 - "t0"."candidate_number"
          END
        )
      END
    )
  ) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- log_loss, one probability per class
SELECT
  -(
    LN(
      CASE
        WHEN "t0"."baseline_truth" IS NULL
        THEN "t0"."baseline_truth"
        ELSE GREATEST(1e-15, "t0"."baseline_truth")
      END
    )
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  -(
    LN(
      CASE
        WHEN "t0"."candidate_truth" IS NULL
        THEN "t0"."candidate_truth"
        ELSE GREATEST(1e-15, "t0"."candidate_truth")
      END
    )
  ) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- brier
SELECT
  (
    1 - CASE
      WHEN "t0"."label" = '1'
      THEN "t0"."baseline_number"
      ELSE 1 - "t0"."baseline_number"
    END
  ) * (
    1 - CASE
      WHEN "t0"."label" = '1'
      THEN "t0"."baseline_number"
      ELSE 1 - "t0"."baseline_number"
    END
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  (
    1 - CASE
      WHEN "t0"."label" = '1'
      THEN "t0"."candidate_number"
      ELSE 1 - "t0"."candidate_number"
    END
  ) * (
    1 - CASE
      WHEN "t0"."label" = '1'
      THEN "t0"."candidate_number"
      ELSE 1 - "t0"."candidate_number"
    END
  ) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- brier, one probability per class
SELECT
  (
    (
      "t0"."baseline_square" - (
        "t0"."baseline_truth" * 2
      )
    ) + 1
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  (
    (
      "t0"."candidate_square" - (
        "t0"."candidate_truth" * 2
      )
    ) + 1
  ) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- ece
SELECT
  "t0"."baseline_number" AS "confidence_baseline",
  CAST("t0"."label" = '1' AS DOUBLE PRECISION) AS "outcome_baseline",
  "t0"."candidate_number" AS "confidence_candidate",
  CAST("t0"."label" = '1' AS DOUBLE PRECISION) AS "outcome_candidate"
FROM "rows" AS "t0"

-- ece, one probability per class
SELECT
  "t0"."baseline_confidence" AS "confidence_baseline",
  CAST("t0"."baseline_text" = "t0"."label" AS DOUBLE PRECISION) AS "outcome_baseline",
  "t0"."candidate_confidence" AS "confidence_candidate",
  CAST("t0"."candidate_text" = "t0"."label" AS DOUBLE PRECISION) AS "outcome_candidate"
FROM "rows" AS "t0"

-- roc_auc
SELECT
  CAST("t0"."label" = '1' AS DOUBLE PRECISION) AS "label",
  "t0"."baseline_number" AS "score_baseline",
  "t0"."candidate_number" AS "score_candidate"
FROM "rows" AS "t0"

-- roc_auc, one probability per class
SELECT
  CAST("t0"."label" = '1' AS DOUBLE PRECISION) AS "label",
  "t0"."baseline_number" AS "score_baseline",
  "t0"."candidate_number" AS "score_candidate"
FROM "rows" AS "t0"

-- mean
SELECT
  "t0"."baseline_value" AS "num_baseline",
  CAST("t0"."baseline_value" IS NOT NULL AS DOUBLE PRECISION) AS "den_baseline",
  "t0"."candidate_value" AS "num_candidate",
  CAST("t0"."candidate_value" IS NOT NULL AS DOUBLE PRECISION) AS "den_candidate"
FROM "rows" AS "t0"

-- proportion
SELECT
  CAST("t0"."baseline_value" >= 0.5 AS DOUBLE PRECISION) AS "num_baseline",
  CAST(CAST("t0"."baseline_value" >= 0.5 AS DOUBLE PRECISION) IS NOT NULL AS DOUBLE PRECISION) AS "den_baseline",
  CAST("t0"."candidate_value" >= 0.5 AS DOUBLE PRECISION) AS "num_candidate",
  CAST(CAST("t0"."candidate_value" >= 0.5 AS DOUBLE PRECISION) IS NOT NULL AS DOUBLE PRECISION) AS "den_candidate"
FROM "rows" AS "t0"

-- pass_k
SELECT
  CASE
    WHEN "t0"."baseline_count" >= 2
    THEN (
      CAST("t0"."baseline_hits" - 0 AS DOUBLE PRECISION) / NULLIF("t0"."baseline_count" - 0, 0)
    ) * (
      CAST("t0"."baseline_hits" - 1 AS DOUBLE PRECISION) / NULLIF("t0"."baseline_count" - 1, 0)
    )
    ELSE NULL
  END AS "num_baseline",
  CAST(CASE
    WHEN "t0"."baseline_count" >= 2
    THEN (
      CAST("t0"."baseline_hits" - 0 AS DOUBLE PRECISION) / NULLIF("t0"."baseline_count" - 0, 0)
    ) * (
      CAST("t0"."baseline_hits" - 1 AS DOUBLE PRECISION) / NULLIF("t0"."baseline_count" - 1, 0)
    )
    ELSE NULL
  END IS NOT NULL AS DOUBLE PRECISION) AS "den_baseline",
  CASE
    WHEN "t0"."candidate_count" >= 2
    THEN (
      CAST("t0"."candidate_hits" - 0 AS DOUBLE PRECISION) / NULLIF("t0"."candidate_count" - 0, 0)
    ) * (
      CAST("t0"."candidate_hits" - 1 AS DOUBLE PRECISION) / NULLIF("t0"."candidate_count" - 1, 0)
    )
    ELSE NULL
  END AS "num_candidate",
  CAST(CASE
    WHEN "t0"."candidate_count" >= 2
    THEN (
      CAST("t0"."candidate_hits" - 0 AS DOUBLE PRECISION) / NULLIF("t0"."candidate_count" - 0, 0)
    ) * (
      CAST("t0"."candidate_hits" - 1 AS DOUBLE PRECISION) / NULLIF("t0"."candidate_count" - 1, 0)
    )
    ELSE NULL
  END IS NOT NULL AS DOUBLE PRECISION) AS "den_candidate"
FROM "rows" AS "t0"

-- quantile
SELECT
  "t0"."baseline_value" AS "value_baseline",
  "t0"."candidate_value" AS "value_candidate"
FROM "rows" AS "t0"

-- error_share
SELECT
  "t0"."baseline_error" AS "num_baseline",
  CAST("t0"."baseline_error" IS NOT NULL AS DOUBLE PRECISION) AS "den_baseline",
  "t0"."candidate_error" AS "num_candidate",
  CAST("t0"."candidate_error" IS NOT NULL AS DOUBLE PRECISION) AS "den_candidate"
FROM "rows" AS "t0"

-- disagreement
SELECT
  CAST("t0"."baseline_decision" <> "t0"."candidate_decision" AS DOUBLE PRECISION) * 0.0 AS "num_baseline",
  CAST((
    CAST("t0"."baseline_decision" <> "t0"."candidate_decision" AS DOUBLE PRECISION) * 0.0
  ) IS NOT NULL AS DOUBLE PRECISION) AS "den_baseline",
  CAST("t0"."baseline_decision" <> "t0"."candidate_decision" AS DOUBLE PRECISION) AS "num_candidate",
  CAST(CAST("t0"."baseline_decision" <> "t0"."candidate_decision" AS DOUBLE PRECISION) IS NOT NULL AS DOUBLE PRECISION) AS "den_candidate"
FROM "rows" AS "t0"

-- cost
SELECT
  "t0"."baseline_cost" AS "num_baseline",
  CAST("t0"."baseline_cost" IS NOT NULL AS DOUBLE PRECISION) AS "den_baseline",
  "t0"."candidate_cost" AS "num_candidate",
  CAST("t0"."candidate_cost" IS NOT NULL AS DOUBLE PRECISION) AS "den_candidate"
FROM "rows" AS "t0"
