-- accuracy
SELECT
  CAST(CASE
    WHEN isNull("t0"."baseline_number")
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END = (
    "t0"."label" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CAST(CASE
    WHEN isNull("t0"."candidate_number")
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END = (
    "t0"."label" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- accuracy, one probability per class
SELECT
  CAST("t0"."baseline_text" = "t0"."label" AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CAST("t0"."candidate_text" = "t0"."label" AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- balanced_accuracy
SELECT
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "label",
  CAST(CASE
    WHEN isNull("t0"."baseline_number")
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END = (
    "t0"."label" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CAST(CASE
    WHEN isNull("t0"."candidate_number")
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END = (
    "t0"."label" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- balanced_accuracy, one probability per class
SELECT
  CASE "t0"."label" WHEN '0' THEN 0.0 WHEN '1' THEN 1.0 ELSE NULL END AS "label",
  CAST("t0"."baseline_text" = "t0"."label" AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CAST("t0"."candidate_text" = "t0"."label" AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- precision
SELECT
  CAST(CASE
    WHEN isNull("t0"."baseline_number")
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END
  AND (
    "t0"."label" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  CAST(CASE
    WHEN isNull("t0"."baseline_number")
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END AS Nullable(Float64)) * "t0"."weight" AS "den_baseline",
  CAST(CASE
    WHEN isNull("t0"."candidate_number")
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END
  AND (
    "t0"."label" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  CAST(CASE
    WHEN isNull("t0"."candidate_number")
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END AS Nullable(Float64)) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- precision, one probability per class
SELECT
  CAST((
    "t0"."baseline_text" = '1'
  ) AND (
    "t0"."label" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  CAST("t0"."baseline_text" = '1' AS Nullable(Float64)) * "t0"."weight" AS "den_baseline",
  CAST((
    "t0"."candidate_text" = '1'
  ) AND (
    "t0"."label" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  CAST("t0"."candidate_text" = '1' AS Nullable(Float64)) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- recall
SELECT
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" = '1' ELSE NULL END
  AND CASE
    WHEN isNull("t0"."baseline_number")
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" = '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_baseline",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" = '1' ELSE NULL END
  AND CASE
    WHEN isNull("t0"."candidate_number")
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" = '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- recall, one probability per class
SELECT
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" = '1' ELSE NULL END
  AND (
    "t0"."baseline_text" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" = '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_baseline",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" = '1' ELSE NULL END
  AND (
    "t0"."candidate_text" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" = '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- weighted_recall
SELECT
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN CAST(CASE
        WHEN isNull("t0"."baseline_number")
        THEN "t0"."baseline_text" = '1'
        ELSE "t0"."baseline_number" >= 0.5
      END AS Nullable(Float64)) * CASE
        WHEN isNotNull(
          CASE
            WHEN isNull("t0"."baseline_number")
            THEN "t0"."baseline_text" = '1'
            ELSE "t0"."baseline_number" >= 0.5
          END
        )
        THEN "t0"."weight"
        ELSE NULL
      END
      ELSE 0.0
    END
    ELSE NULL
  END AS "num_baseline",
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN CASE
        WHEN isNotNull(
          CASE
            WHEN isNull("t0"."baseline_number")
            THEN "t0"."baseline_text" = '1'
            ELSE "t0"."baseline_number" >= 0.5
          END
        )
        THEN "t0"."weight"
        ELSE NULL
      END
      ELSE 0.0
    END
    ELSE NULL
  END AS "den_baseline",
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN CAST(CASE
        WHEN isNull("t0"."candidate_number")
        THEN "t0"."candidate_text" = '1'
        ELSE "t0"."candidate_number" >= 0.5
      END AS Nullable(Float64)) * CASE
        WHEN isNotNull(
          CASE
            WHEN isNull("t0"."candidate_number")
            THEN "t0"."candidate_text" = '1'
            ELSE "t0"."candidate_number" >= 0.5
          END
        )
        THEN "t0"."weight"
        ELSE NULL
      END
      ELSE 0.0
    END
    ELSE NULL
  END AS "num_candidate",
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN CASE
        WHEN isNotNull(
          CASE
            WHEN isNull("t0"."candidate_number")
            THEN "t0"."candidate_text" = '1'
            ELSE "t0"."candidate_number" >= 0.5
          END
        )
        THEN "t0"."weight"
        ELSE NULL
      END
      ELSE 0.0
    END
    ELSE NULL
  END AS "den_candidate"
FROM "rows" AS "t0"

-- weighted_recall, one probability per class
SELECT
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN CAST("t0"."baseline_text" = '1' AS Nullable(Float64)) * CASE WHEN isNotNull("t0"."baseline_text" = '1') THEN "t0"."weight" ELSE NULL END
      ELSE 0.0
    END
    ELSE NULL
  END AS "num_baseline",
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN CASE WHEN isNotNull("t0"."baseline_text" = '1') THEN "t0"."weight" ELSE NULL END
      ELSE 0.0
    END
    ELSE NULL
  END AS "den_baseline",
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN CAST("t0"."candidate_text" = '1' AS Nullable(Float64)) * CASE WHEN isNotNull("t0"."candidate_text" = '1') THEN "t0"."weight" ELSE NULL END
      ELSE 0.0
    END
    ELSE NULL
  END AS "num_candidate",
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN CASE WHEN isNotNull("t0"."candidate_text" = '1') THEN "t0"."weight" ELSE NULL END
      ELSE 0.0
    END
    ELSE NULL
  END AS "den_candidate"
FROM "rows" AS "t0"

-- specificity
SELECT
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" <> '1' ELSE NULL END
  AND NOT (
    CASE
      WHEN isNull("t0"."baseline_number")
      THEN "t0"."baseline_text" = '1'
      ELSE "t0"."baseline_number" >= 0.5
    END
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" <> '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_baseline",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" <> '1' ELSE NULL END
  AND NOT (
    CASE
      WHEN isNull("t0"."candidate_number")
      THEN "t0"."candidate_text" = '1'
      ELSE "t0"."candidate_number" >= 0.5
    END
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" <> '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- specificity, one probability per class
SELECT
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" <> '1' ELSE NULL END
  AND NOT (
    "t0"."baseline_text" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" <> '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_baseline",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" <> '1' ELSE NULL END
  AND NOT (
    "t0"."candidate_text" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" <> '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- false_positive_rate
SELECT
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" <> '1' ELSE NULL END
  AND CASE
    WHEN isNull("t0"."baseline_number")
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" <> '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_baseline",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" <> '1' ELSE NULL END
  AND CASE
    WHEN isNull("t0"."candidate_number")
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" <> '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- false_positive_rate, one probability per class
SELECT
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" <> '1' ELSE NULL END
  AND (
    "t0"."baseline_text" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  CAST(CASE WHEN isNotNull("t0"."baseline_text") THEN "t0"."label" <> '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_baseline",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" <> '1' ELSE NULL END
  AND (
    "t0"."candidate_text" = '1'
  ) AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  CAST(CASE WHEN isNotNull("t0"."candidate_text") THEN "t0"."label" <> '1' ELSE NULL END AS Nullable(Float64)) * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- f1
SELECT
  CAST(CASE
    WHEN isNull("t0"."baseline_number")
    THEN "t0"."baseline_text" = '1'
    ELSE "t0"."baseline_number" >= 0.5
  END AS Nullable(Float64)) * CAST("t0"."label" = '1' AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  (
    CAST(CASE
      WHEN isNull("t0"."baseline_number")
      THEN "t0"."baseline_text" = '1'
      ELSE "t0"."baseline_number" >= 0.5
    END AS Nullable(Float64)) + CAST("t0"."label" = '1' AS Nullable(Float64))
  ) * 0.5 * "t0"."weight" AS "den_baseline",
  CAST(CASE
    WHEN isNull("t0"."candidate_number")
    THEN "t0"."candidate_text" = '1'
    ELSE "t0"."candidate_number" >= 0.5
  END AS Nullable(Float64)) * CAST("t0"."label" = '1' AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  (
    CAST(CASE
      WHEN isNull("t0"."candidate_number")
      THEN "t0"."candidate_text" = '1'
      ELSE "t0"."candidate_number" >= 0.5
    END AS Nullable(Float64)) + CAST("t0"."label" = '1' AS Nullable(Float64))
  ) * 0.5 * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- f1, one probability per class
SELECT
  CAST("t0"."baseline_text" = '1' AS Nullable(Float64)) * CAST("t0"."label" = '1' AS Nullable(Float64)) * "t0"."weight" AS "num_baseline",
  (
    CAST("t0"."baseline_text" = '1' AS Nullable(Float64)) + CAST("t0"."label" = '1' AS Nullable(Float64))
  ) * 0.5 * "t0"."weight" AS "den_baseline",
  CAST("t0"."candidate_text" = '1' AS Nullable(Float64)) * CAST("t0"."label" = '1' AS Nullable(Float64)) * "t0"."weight" AS "num_candidate",
  (
    CAST("t0"."candidate_text" = '1' AS Nullable(Float64)) + CAST("t0"."label" = '1' AS Nullable(Float64))
  ) * 0.5 * "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- log_loss
SELECT
  -(
    LN(
      CASE
        WHEN isNull(
          CASE
            WHEN isNotNull("t0"."label")
            THEN CASE
              WHEN "t0"."label" = '1'
              THEN "t0"."baseline_number"
              ELSE 1 - "t0"."baseline_number"
            END
            ELSE NULL
          END
        )
        THEN NULL
        ELSE GREATEST(
          1e-15,
          CASE
            WHEN isNotNull("t0"."label")
            THEN CASE
              WHEN "t0"."label" = '1'
              THEN "t0"."baseline_number"
              ELSE 1 - "t0"."baseline_number"
            END
            ELSE NULL
          END
        )
      END
    )
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  -(
    LN(
      CASE
        WHEN isNull(
          CASE
            WHEN isNotNull("t0"."label")
            THEN CASE
              WHEN "t0"."label" = '1'
              THEN "t0"."candidate_number"
              ELSE 1 - "t0"."candidate_number"
            END
            ELSE NULL
          END
        )
        THEN NULL
        ELSE GREATEST(
          1e-15,
          CASE
            WHEN isNotNull("t0"."label")
            THEN CASE
              WHEN "t0"."label" = '1'
              THEN "t0"."candidate_number"
              ELSE 1 - "t0"."candidate_number"
            END
            ELSE NULL
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
        WHEN isNull("t0"."baseline_truth")
        THEN NULL
        ELSE GREATEST(1e-15, "t0"."baseline_truth")
      END
    )
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  -(
    LN(
      CASE
        WHEN isNull("t0"."candidate_truth")
        THEN NULL
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
      WHEN isNotNull("t0"."label")
      THEN CASE
        WHEN "t0"."label" = '1'
        THEN "t0"."baseline_number"
        ELSE 1 - "t0"."baseline_number"
      END
      ELSE NULL
    END
  ) * (
    1 - CASE
      WHEN isNotNull("t0"."label")
      THEN CASE
        WHEN "t0"."label" = '1'
        THEN "t0"."baseline_number"
        ELSE 1 - "t0"."baseline_number"
      END
      ELSE NULL
    END
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  (
    1 - CASE
      WHEN isNotNull("t0"."label")
      THEN CASE
        WHEN "t0"."label" = '1'
        THEN "t0"."candidate_number"
        ELSE 1 - "t0"."candidate_number"
      END
      ELSE NULL
    END
  ) * (
    1 - CASE
      WHEN isNotNull("t0"."label")
      THEN CASE
        WHEN "t0"."label" = '1'
        THEN "t0"."candidate_number"
        ELSE 1 - "t0"."candidate_number"
      END
      ELSE NULL
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
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "outcome_baseline",
  "t0"."candidate_number" AS "confidence_candidate",
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "outcome_candidate"
FROM "rows" AS "t0"

-- ece, one probability per class
SELECT
  "t0"."baseline_confidence" AS "confidence_baseline",
  CAST("t0"."baseline_text" = "t0"."label" AS Nullable(Float64)) AS "outcome_baseline",
  "t0"."candidate_confidence" AS "confidence_candidate",
  CAST("t0"."candidate_text" = "t0"."label" AS Nullable(Float64)) AS "outcome_candidate"
FROM "rows" AS "t0"

-- calibration_slope
SELECT
  "t0"."baseline_number" AS "confidence_baseline",
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "outcome_baseline",
  "t0"."candidate_number" AS "confidence_candidate",
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "outcome_candidate"
FROM "rows" AS "t0"

-- calibration_slope, one probability per class
SELECT
  "t0"."baseline_confidence" AS "confidence_baseline",
  CAST("t0"."baseline_text" = "t0"."label" AS Nullable(Float64)) AS "outcome_baseline",
  "t0"."candidate_confidence" AS "confidence_candidate",
  CAST("t0"."candidate_text" = "t0"."label" AS Nullable(Float64)) AS "outcome_candidate"
FROM "rows" AS "t0"

-- calibration_intercept
SELECT
  "t0"."baseline_number" AS "confidence_baseline",
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "outcome_baseline",
  "t0"."candidate_number" AS "confidence_candidate",
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "outcome_candidate"
FROM "rows" AS "t0"

-- calibration_intercept, one probability per class
SELECT
  "t0"."baseline_confidence" AS "confidence_baseline",
  CAST("t0"."baseline_text" = "t0"."label" AS Nullable(Float64)) AS "outcome_baseline",
  "t0"."candidate_confidence" AS "confidence_candidate",
  CAST("t0"."candidate_text" = "t0"."label" AS Nullable(Float64)) AS "outcome_candidate"
FROM "rows" AS "t0"

-- roc_auc
SELECT
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "label",
  "t0"."baseline_number" AS "score_baseline",
  "t0"."candidate_number" AS "score_candidate"
FROM "rows" AS "t0"

-- roc_auc, one probability per class
SELECT
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "label",
  "t0"."baseline_number" AS "score_baseline",
  "t0"."candidate_number" AS "score_candidate"
FROM "rows" AS "t0"

-- average_precision
SELECT
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "label",
  "t0"."baseline_number" AS "score_baseline",
  "t0"."candidate_number" AS "score_candidate",
  "t0"."weight" AS "weight"
FROM "rows" AS "t0"

-- average_precision, one probability per class
SELECT
  CAST("t0"."label" = '1' AS Nullable(Float64)) AS "label",
  "t0"."baseline_number" AS "score_baseline",
  "t0"."candidate_number" AS "score_candidate",
  "t0"."weight" AS "weight"
FROM "rows" AS "t0"

-- expected_cost
SELECT
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN (
        CAST(CASE
          WHEN isNull("t0"."baseline_number")
          THEN "t0"."baseline_text" = '1'
          ELSE "t0"."baseline_number" >= 0.5
        END AS Nullable(Float64)) * -20.0
      ) + 20.0
      ELSE (
        CAST(CASE
          WHEN isNull("t0"."baseline_number")
          THEN "t0"."baseline_text" = '1'
          ELSE "t0"."baseline_number" >= 0.5
        END AS Nullable(Float64)) * 1.0
      ) + 0.0
    END
    ELSE NULL
  END * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN (
        CAST(CASE
          WHEN isNull("t0"."candidate_number")
          THEN "t0"."candidate_text" = '1'
          ELSE "t0"."candidate_number" >= 0.5
        END AS Nullable(Float64)) * -20.0
      ) + 20.0
      ELSE (
        CAST(CASE
          WHEN isNull("t0"."candidate_number")
          THEN "t0"."candidate_text" = '1'
          ELSE "t0"."candidate_number" >= 0.5
        END AS Nullable(Float64)) * 1.0
      ) + 0.0
    END
    ELSE NULL
  END * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- expected_cost, one probability per class
SELECT
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN (
        CAST("t0"."baseline_text" = '1' AS Nullable(Float64)) * -20.0
      ) + 20.0
      ELSE (
        CAST("t0"."baseline_text" = '1' AS Nullable(Float64)) * 1.0
      ) + 0.0
    END
    ELSE NULL
  END * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CASE
    WHEN isNotNull("t0"."label")
    THEN CASE
      WHEN "t0"."label" = '1'
      THEN (
        CAST("t0"."candidate_text" = '1' AS Nullable(Float64)) * -20.0
      ) + 20.0
      ELSE (
        CAST("t0"."candidate_text" = '1' AS Nullable(Float64)) * 1.0
      ) + 0.0
    END
    ELSE NULL
  END * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- net_benefit
SELECT
  CAST("t0"."baseline_number" >= 0.5 AS Nullable(Float64)) * CASE
    WHEN isNotNull("t0"."label")
    THEN CASE WHEN "t0"."label" = '1' THEN 1.0 ELSE -1.0 END
    ELSE NULL
  END * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CAST("t0"."candidate_number" >= 0.5 AS Nullable(Float64)) * CASE
    WHEN isNotNull("t0"."label")
    THEN CASE WHEN "t0"."label" = '1' THEN 1.0 ELSE -1.0 END
    ELSE NULL
  END * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- net_benefit, one probability per class
SELECT
  CAST("t0"."baseline_number" >= 0.5 AS Nullable(Float64)) * CASE
    WHEN isNotNull("t0"."label")
    THEN CASE WHEN "t0"."label" = '1' THEN 1.0 ELSE -1.0 END
    ELSE NULL
  END * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CAST("t0"."candidate_number" >= 0.5 AS Nullable(Float64)) * CASE
    WHEN isNotNull("t0"."label")
    THEN CASE WHEN "t0"."label" = '1' THEN 1.0 ELSE -1.0 END
    ELSE NULL
  END * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- mae
SELECT
  ABS("t0"."baseline_number" - "t0"."label_number") * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  ABS("t0"."candidate_number" - "t0"."label_number") * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- mae, one probability per class
SELECT
  ABS("t0"."baseline_number" - "t0"."label_number") * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  ABS("t0"."candidate_number" - "t0"."label_number") * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- rmse
SELECT
  (
    "t0"."baseline_number" - "t0"."label_number"
  ) * (
    "t0"."baseline_number" - "t0"."label_number"
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  (
    "t0"."candidate_number" - "t0"."label_number"
  ) * (
    "t0"."candidate_number" - "t0"."label_number"
  ) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- rmse, one probability per class
SELECT
  (
    "t0"."baseline_number" - "t0"."label_number"
  ) * (
    "t0"."baseline_number" - "t0"."label_number"
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  (
    "t0"."candidate_number" - "t0"."label_number"
  ) * (
    "t0"."candidate_number" - "t0"."label_number"
  ) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- mean_error
SELECT
  (
    "t0"."baseline_number" - "t0"."label_number"
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  (
    "t0"."candidate_number" - "t0"."label_number"
  ) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- mean_error, one probability per class
SELECT
  (
    "t0"."baseline_number" - "t0"."label_number"
  ) * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  (
    "t0"."candidate_number" - "t0"."label_number"
  ) * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- pinball
SELECT
  CASE
    WHEN (
      "t0"."baseline_number" - "t0"."label_number"
    ) >= 0
    THEN (
      "t0"."baseline_number" - "t0"."label_number"
    ) * 0.09999999999999998
    ELSE (
      "t0"."baseline_number" - "t0"."label_number"
    ) * -0.9
  END * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CASE
    WHEN (
      "t0"."candidate_number" - "t0"."label_number"
    ) >= 0
    THEN (
      "t0"."candidate_number" - "t0"."label_number"
    ) * 0.09999999999999998
    ELSE (
      "t0"."candidate_number" - "t0"."label_number"
    ) * -0.9
  END * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- pinball, one probability per class
SELECT
  CASE
    WHEN (
      "t0"."baseline_number" - "t0"."label_number"
    ) >= 0
    THEN (
      "t0"."baseline_number" - "t0"."label_number"
    ) * 0.09999999999999998
    ELSE (
      "t0"."baseline_number" - "t0"."label_number"
    ) * -0.9
  END * "t0"."weight" AS "num_baseline",
  "t0"."weight" AS "den_baseline",
  CASE
    WHEN (
      "t0"."candidate_number" - "t0"."label_number"
    ) >= 0
    THEN (
      "t0"."candidate_number" - "t0"."label_number"
    ) * 0.09999999999999998
    ELSE (
      "t0"."candidate_number" - "t0"."label_number"
    ) * -0.9
  END * "t0"."weight" AS "num_candidate",
  "t0"."weight" AS "den_candidate"
FROM "rows" AS "t0"

-- mean
SELECT
  "t0"."baseline_value" AS "num_baseline",
  CAST(isNotNull("t0"."baseline_value") AS Nullable(Float64)) AS "den_baseline",
  "t0"."candidate_value" AS "num_candidate",
  CAST(isNotNull("t0"."candidate_value") AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- proportion
SELECT
  CAST("t0"."baseline_value" >= 0.5 AS Nullable(Float64)) AS "num_baseline",
  CAST(isNotNull(CAST("t0"."baseline_value" >= 0.5 AS Nullable(Float64))) AS Nullable(Float64)) AS "den_baseline",
  CAST("t0"."candidate_value" >= 0.5 AS Nullable(Float64)) AS "num_candidate",
  CAST(isNotNull(CAST("t0"."candidate_value" >= 0.5 AS Nullable(Float64))) AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- pass_k
SELECT
  CASE
    WHEN "t0"."baseline_count" >= 2
    THEN (
      CAST("t0"."baseline_hits" - 0 AS Nullable(Float64)) / nullIf("t0"."baseline_count" - 0, 0)
    ) * (
      CAST("t0"."baseline_hits" - 1 AS Nullable(Float64)) / nullIf("t0"."baseline_count" - 1, 0)
    )
    ELSE NULL
  END AS "num_baseline",
  CAST(isNotNull(
    CASE
      WHEN "t0"."baseline_count" >= 2
      THEN (
        CAST("t0"."baseline_hits" - 0 AS Nullable(Float64)) / nullIf("t0"."baseline_count" - 0, 0)
      ) * (
        CAST("t0"."baseline_hits" - 1 AS Nullable(Float64)) / nullIf("t0"."baseline_count" - 1, 0)
      )
      ELSE NULL
    END
  ) AS Nullable(Float64)) AS "den_baseline",
  CASE
    WHEN "t0"."candidate_count" >= 2
    THEN (
      CAST("t0"."candidate_hits" - 0 AS Nullable(Float64)) / nullIf("t0"."candidate_count" - 0, 0)
    ) * (
      CAST("t0"."candidate_hits" - 1 AS Nullable(Float64)) / nullIf("t0"."candidate_count" - 1, 0)
    )
    ELSE NULL
  END AS "num_candidate",
  CAST(isNotNull(
    CASE
      WHEN "t0"."candidate_count" >= 2
      THEN (
        CAST("t0"."candidate_hits" - 0 AS Nullable(Float64)) / nullIf("t0"."candidate_count" - 0, 0)
      ) * (
        CAST("t0"."candidate_hits" - 1 AS Nullable(Float64)) / nullIf("t0"."candidate_count" - 1, 0)
      )
      ELSE NULL
    END
  ) AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- pass_at_k
SELECT
  1.0 - CASE
    WHEN "t0"."baseline_count" >= 2
    THEN (
      CAST((
        "t0"."baseline_count" - "t0"."baseline_hits"
      ) - 0 AS Nullable(Float64)) / nullIf("t0"."baseline_count" - 0, 0)
    ) * (
      CAST((
        "t0"."baseline_count" - "t0"."baseline_hits"
      ) - 1 AS Nullable(Float64)) / nullIf("t0"."baseline_count" - 1, 0)
    )
    ELSE NULL
  END AS "num_baseline",
  CAST(isNotNull(
    1.0 - CASE
      WHEN "t0"."baseline_count" >= 2
      THEN (
        CAST((
          "t0"."baseline_count" - "t0"."baseline_hits"
        ) - 0 AS Nullable(Float64)) / nullIf("t0"."baseline_count" - 0, 0)
      ) * (
        CAST((
          "t0"."baseline_count" - "t0"."baseline_hits"
        ) - 1 AS Nullable(Float64)) / nullIf("t0"."baseline_count" - 1, 0)
      )
      ELSE NULL
    END
  ) AS Nullable(Float64)) AS "den_baseline",
  1.0 - CASE
    WHEN "t0"."candidate_count" >= 2
    THEN (
      CAST((
        "t0"."candidate_count" - "t0"."candidate_hits"
      ) - 0 AS Nullable(Float64)) / nullIf("t0"."candidate_count" - 0, 0)
    ) * (
      CAST((
        "t0"."candidate_count" - "t0"."candidate_hits"
      ) - 1 AS Nullable(Float64)) / nullIf("t0"."candidate_count" - 1, 0)
    )
    ELSE NULL
  END AS "num_candidate",
  CAST(isNotNull(
    1.0 - CASE
      WHEN "t0"."candidate_count" >= 2
      THEN (
        CAST((
          "t0"."candidate_count" - "t0"."candidate_hits"
        ) - 0 AS Nullable(Float64)) / nullIf("t0"."candidate_count" - 0, 0)
      ) * (
        CAST((
          "t0"."candidate_count" - "t0"."candidate_hits"
        ) - 1 AS Nullable(Float64)) / nullIf("t0"."candidate_count" - 1, 0)
      )
      ELSE NULL
    END
  ) AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- quantile
SELECT
  "t0"."baseline_value" AS "value_baseline",
  "t0"."candidate_value" AS "value_candidate"
FROM "rows" AS "t0"

-- error_share
SELECT
  "t0"."baseline_error" AS "num_baseline",
  CAST(isNotNull("t0"."baseline_error") AS Nullable(Float64)) AS "den_baseline",
  "t0"."candidate_error" AS "num_candidate",
  CAST(isNotNull("t0"."candidate_error") AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- disagreement
SELECT
  CAST((
    "t0"."baseline_value" >= 0.5
  ) <> (
    "t0"."candidate_value" >= 0.5
  ) AS Nullable(Float64)) * 0.0 AS "num_baseline",
  CAST((
    "t0"."baseline_value" >= 0.5
  ) <> (
    "t0"."candidate_value" >= 0.5
  ) AS Nullable(Float64)) AS "num_candidate",
  CAST(isNotNull(
    CAST((
      "t0"."baseline_value" >= 0.5
    ) <> (
      "t0"."candidate_value" >= 0.5
    ) AS Nullable(Float64)) * 0.0
  ) AS Nullable(Float64)) AS "den_baseline",
  CAST(isNotNull(
    CAST((
      "t0"."baseline_value" >= 0.5
    ) <> (
      "t0"."candidate_value" >= 0.5
    ) AS Nullable(Float64))
  ) AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- cost
SELECT
  "t0"."baseline_cost" AS "num_baseline",
  CAST(isNotNull("t0"."baseline_cost") AS Nullable(Float64)) AS "den_baseline",
  "t0"."candidate_cost" AS "num_candidate",
  CAST(isNotNull("t0"."candidate_cost") AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- unit_cost
SELECT
  "t0"."baseline_cost" AS "num_baseline",
  CASE WHEN "t0"."baseline_value" >= 0 THEN "t0"."baseline_value" ELSE NULL END AS "den_baseline",
  "t0"."candidate_cost" AS "num_candidate",
  CASE WHEN "t0"."candidate_value" >= 0 THEN "t0"."candidate_value" ELSE NULL END AS "den_candidate"
FROM "rows" AS "t0"

-- timeout_share
SELECT
  CAST("t0"."baseline_latency_ms" >= 0.5 AS Nullable(Float64)) AS "num_baseline",
  CAST(isNotNull(CAST("t0"."baseline_latency_ms" >= 0.5 AS Nullable(Float64))) AS Nullable(Float64)) AS "den_baseline",
  CAST("t0"."candidate_latency_ms" >= 0.5 AS Nullable(Float64)) AS "num_candidate",
  CAST(isNotNull(CAST("t0"."candidate_latency_ms" >= 0.5 AS Nullable(Float64))) AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- fallback_share
SELECT
  CAST("t0"."baseline_fallback" >= 0.5 AS Nullable(Float64)) AS "num_baseline",
  CAST(isNotNull(CAST("t0"."baseline_fallback" >= 0.5 AS Nullable(Float64))) AS Nullable(Float64)) AS "den_baseline",
  CAST("t0"."candidate_fallback" >= 0.5 AS Nullable(Float64)) AS "num_candidate",
  CAST(isNotNull(CAST("t0"."candidate_fallback" >= 0.5 AS Nullable(Float64))) AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- ndcg
SELECT
  COALESCE("t0"."baseline_gain" / nullIf("t0"."ideal", 0), "t0"."baseline_gain" * 0.0) AS "num_baseline",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_baseline",
  COALESCE("t0"."candidate_gain" / nullIf("t0"."ideal", 0), "t0"."candidate_gain" * 0.0) AS "num_candidate",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- precision_at_k
SELECT
  CAST("t0"."baseline_hits" AS Nullable(Float64)) / 2 AS "num_baseline",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_baseline",
  CAST("t0"."candidate_hits" AS Nullable(Float64)) / 2 AS "num_candidate",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- recall_at_k
SELECT
  COALESCE(
    CAST("t0"."baseline_hits" AS Nullable(Float64)) / nullIf("t0"."relevant", 0),
    CAST("t0"."baseline_hits" AS Nullable(Float64)) * 0.0
  ) AS "num_baseline",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_baseline",
  COALESCE(
    CAST("t0"."candidate_hits" AS Nullable(Float64)) / nullIf("t0"."relevant", 0),
    CAST("t0"."candidate_hits" AS Nullable(Float64)) * 0.0
  ) AS "num_candidate",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- hit_rate
SELECT
  CAST("t0"."baseline_hits" > 0 AS Nullable(Float64)) AS "num_baseline",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_baseline",
  CAST("t0"."candidate_hits" > 0 AS Nullable(Float64)) AS "num_candidate",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- mrr
SELECT
  COALESCE(
    (
      (
        CAST("t0"."baseline_hits" AS Nullable(Float64)) * 0.0
      ) + 1.0
    ) / "t0"."baseline_first",
    CAST("t0"."baseline_hits" AS Nullable(Float64)) * 0.0
  ) AS "num_baseline",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_baseline",
  COALESCE(
    (
      (
        CAST("t0"."candidate_hits" AS Nullable(Float64)) * 0.0
      ) + 1.0
    ) / "t0"."candidate_first",
    CAST("t0"."candidate_hits" AS Nullable(Float64)) * 0.0
  ) AS "num_candidate",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- map
SELECT
  COALESCE(
    "t0"."baseline_precisions" / nullIf("t0"."relevant", 0),
    "t0"."baseline_precisions" * 0.0
  ) AS "num_baseline",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_baseline",
  COALESCE(
    "t0"."candidate_precisions" / nullIf("t0"."relevant", 0),
    "t0"."candidate_precisions" * 0.0
  ) AS "num_candidate",
  CAST("t0"."relevant" >= 0 AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- catalogue_coverage
SELECT
  "t0"."code" AS "item",
  "t0"."catalogue" AS "catalogue",
  "t0"."baseline_shown" AS "shown_baseline",
  "t0"."candidate_shown" AS "shown_candidate"
FROM "rows" AS "t0"

-- novelty
SELECT
  "t0"."baseline_rarity" / nullIf("t0"."baseline_listed", 0) AS "num_baseline",
  CAST(isNotNull("t0"."baseline_rarity" / nullIf("t0"."baseline_listed", 0)) AS Nullable(Float64)) AS "den_baseline",
  "t0"."candidate_rarity" / nullIf("t0"."candidate_listed", 0) AS "num_candidate",
  CAST(isNotNull("t0"."candidate_rarity" / nullIf("t0"."candidate_listed", 0)) AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- diversity
SELECT
  1.0 - (
    CAST("t0"."baseline_alike" AS Nullable(Float64)) / nullIf(
      CAST("t0"."baseline_listed" AS Nullable(Float64)) * (
        CAST("t0"."baseline_listed" AS Nullable(Float64)) - 1.0
      ),
      0.0
    )
  ) AS "num_baseline",
  CAST(isNotNull(
    1.0 - (
      CAST("t0"."baseline_alike" AS Nullable(Float64)) / nullIf(
        CAST("t0"."baseline_listed" AS Nullable(Float64)) * (
          CAST("t0"."baseline_listed" AS Nullable(Float64)) - 1.0
        ),
        0.0
      )
    )
  ) AS Nullable(Float64)) AS "den_baseline",
  1.0 - (
    CAST("t0"."candidate_alike" AS Nullable(Float64)) / nullIf(
      CAST("t0"."candidate_listed" AS Nullable(Float64)) * (
        CAST("t0"."candidate_listed" AS Nullable(Float64)) - 1.0
      ),
      0.0
    )
  ) AS "num_candidate",
  CAST(isNotNull(
    1.0 - (
      CAST("t0"."candidate_alike" AS Nullable(Float64)) / nullIf(
        CAST("t0"."candidate_listed" AS Nullable(Float64)) * (
          CAST("t0"."candidate_listed" AS Nullable(Float64)) - 1.0
        ),
        0.0
      )
    )
  ) AS Nullable(Float64)) AS "den_candidate"
FROM "rows" AS "t0"

-- ips
SELECT
  "t0"."baseline_weight" * "t0"."reward" AS "num_baseline",
  (
    "t0"."baseline_weight" * 0.0
  ) + 1.0 AS "den_baseline",
  "t0"."baseline_weight" AS "weight_baseline",
  "t0"."candidate_weight" * "t0"."reward" AS "num_candidate",
  (
    "t0"."candidate_weight" * 0.0
  ) + 1.0 AS "den_candidate",
  "t0"."candidate_weight" AS "weight_candidate",
  "t0"."reward" AS "surprise"
FROM "rows" AS "t0"

-- snips
SELECT
  "t0"."baseline_weight" * "t0"."reward" AS "num_baseline",
  "t0"."baseline_weight" AS "den_baseline",
  "t0"."baseline_weight" AS "weight_baseline",
  "t0"."candidate_weight" * "t0"."reward" AS "num_candidate",
  "t0"."candidate_weight" AS "den_candidate",
  "t0"."candidate_weight" AS "weight_candidate",
  "t0"."reward" AS "surprise"
FROM "rows" AS "t0"

-- doubly_robust
SELECT
  "t0"."baseline_modelled" + (
    "t0"."baseline_weight" * (
      "t0"."reward" - "t0"."expected"
    )
  ) AS "num_baseline",
  (
    "t0"."baseline_weight" * 0.0
  ) + 1.0 AS "den_baseline",
  "t0"."baseline_weight" AS "weight_baseline",
  "t0"."candidate_modelled" + (
    "t0"."candidate_weight" * (
      "t0"."reward" - "t0"."expected"
    )
  ) AS "num_candidate",
  (
    "t0"."candidate_weight" * 0.0
  ) + 1.0 AS "den_candidate",
  "t0"."candidate_weight" AS "weight_candidate",
  "t0"."reward" - "t0"."expected" AS "surprise"
FROM "rows" AS "t0"

-- win_rate
SELECT
  "t0"."won" AS "won",
  "t0"."first" AS "first"
FROM "rows" AS "t0"

-- corrected_win_rate
SELECT
  CAST("t0"."labelled" AS Nullable(Float64)) AS "labelled",
  (
    "t0"."judge" * 0.0
  ) + 1.0 AS "chance",
  CASE WHEN "t0"."labelled" THEN 1.0 - "t0"."human" ELSE 0.0 END AS "truth_baseline",
  CASE WHEN "t0"."labelled" THEN "t0"."human" ELSE 0.0 END AS "truth_candidate",
  1.0 - "t0"."judge" AS "machine_baseline",
  "t0"."judge" AS "machine_candidate"
FROM "rows" AS "t0"
