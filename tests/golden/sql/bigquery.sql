-- accuracy
SELECT
  CAST(IF(
    `t0`.`baseline_number` IS NULL,
    `t0`.`baseline_text` = '1',
    `t0`.`baseline_number` >= 0.5
  ) = (
    `t0`.`label` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  CAST(IF(
    `t0`.`candidate_number` IS NULL,
    `t0`.`candidate_text` = '1',
    `t0`.`candidate_number` >= 0.5
  ) = (
    `t0`.`label` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- accuracy, one probability per class
SELECT
  CAST(`t0`.`baseline_text` = `t0`.`label` AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  CAST(`t0`.`candidate_text` = `t0`.`label` AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- balanced_accuracy
SELECT
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `label`,
  CAST(IF(
    `t0`.`baseline_number` IS NULL,
    `t0`.`baseline_text` = '1',
    `t0`.`baseline_number` >= 0.5
  ) = (
    `t0`.`label` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  CAST(IF(
    `t0`.`candidate_number` IS NULL,
    `t0`.`candidate_text` = '1',
    `t0`.`candidate_number` >= 0.5
  ) = (
    `t0`.`label` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- balanced_accuracy, one probability per class
SELECT
  CASE `t0`.`label` WHEN '0' THEN 0.0 WHEN '1' THEN 1.0 ELSE NULL END AS `label`,
  CAST(`t0`.`baseline_text` = `t0`.`label` AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  CAST(`t0`.`candidate_text` = `t0`.`label` AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- precision
SELECT
  CAST(IF(
    `t0`.`baseline_number` IS NULL,
    `t0`.`baseline_text` = '1',
    `t0`.`baseline_number` >= 0.5
  )
  AND (
    `t0`.`label` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  CAST(IF(
    `t0`.`baseline_number` IS NULL,
    `t0`.`baseline_text` = '1',
    `t0`.`baseline_number` >= 0.5
  ) AS FLOAT64) * `t0`.`weight` AS `den_baseline`,
  CAST(IF(
    `t0`.`candidate_number` IS NULL,
    `t0`.`candidate_text` = '1',
    `t0`.`candidate_number` >= 0.5
  )
  AND (
    `t0`.`label` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  CAST(IF(
    `t0`.`candidate_number` IS NULL,
    `t0`.`candidate_text` = '1',
    `t0`.`candidate_number` >= 0.5
  ) AS FLOAT64) * `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- precision, one probability per class
SELECT
  CAST((
    `t0`.`baseline_text` = '1'
  ) AND (
    `t0`.`label` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  CAST(`t0`.`baseline_text` = '1' AS FLOAT64) * `t0`.`weight` AS `den_baseline`,
  CAST((
    `t0`.`candidate_text` = '1'
  ) AND (
    `t0`.`label` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  CAST(`t0`.`candidate_text` = '1' AS FLOAT64) * `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- recall
SELECT
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` = '1', NULL)
  AND IF(
    `t0`.`baseline_number` IS NULL,
    `t0`.`baseline_text` = '1',
    `t0`.`baseline_number` >= 0.5
  ) AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` = '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_baseline`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` = '1', NULL)
  AND IF(
    `t0`.`candidate_number` IS NULL,
    `t0`.`candidate_text` = '1',
    `t0`.`candidate_number` >= 0.5
  ) AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` = '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- recall, one probability per class
SELECT
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` = '1', NULL)
  AND (
    `t0`.`baseline_text` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` = '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_baseline`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` = '1', NULL)
  AND (
    `t0`.`candidate_text` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` = '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- weighted_recall
SELECT
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      CAST(IF(
        `t0`.`baseline_number` IS NULL,
        `t0`.`baseline_text` = '1',
        `t0`.`baseline_number` >= 0.5
      ) AS FLOAT64) * IF(
        IF(
          `t0`.`baseline_number` IS NULL,
          `t0`.`baseline_text` = '1',
          `t0`.`baseline_number` >= 0.5
        ) IS NOT NULL,
        `t0`.`weight`,
        NULL
      ),
      0.0
    ),
    NULL
  ) AS `num_baseline`,
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      IF(
        IF(
          `t0`.`baseline_number` IS NULL,
          `t0`.`baseline_text` = '1',
          `t0`.`baseline_number` >= 0.5
        ) IS NOT NULL,
        `t0`.`weight`,
        NULL
      ),
      0.0
    ),
    NULL
  ) AS `den_baseline`,
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      CAST(IF(
        `t0`.`candidate_number` IS NULL,
        `t0`.`candidate_text` = '1',
        `t0`.`candidate_number` >= 0.5
      ) AS FLOAT64) * IF(
        IF(
          `t0`.`candidate_number` IS NULL,
          `t0`.`candidate_text` = '1',
          `t0`.`candidate_number` >= 0.5
        ) IS NOT NULL,
        `t0`.`weight`,
        NULL
      ),
      0.0
    ),
    NULL
  ) AS `num_candidate`,
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      IF(
        IF(
          `t0`.`candidate_number` IS NULL,
          `t0`.`candidate_text` = '1',
          `t0`.`candidate_number` >= 0.5
        ) IS NOT NULL,
        `t0`.`weight`,
        NULL
      ),
      0.0
    ),
    NULL
  ) AS `den_candidate`
FROM `rows` AS `t0`

-- weighted_recall, one probability per class
SELECT
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      CAST(`t0`.`baseline_text` = '1' AS FLOAT64) * IF((
        `t0`.`baseline_text` = '1'
      ) IS NOT NULL, `t0`.`weight`, NULL),
      0.0
    ),
    NULL
  ) AS `num_baseline`,
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      IF((
        `t0`.`baseline_text` = '1'
      ) IS NOT NULL, `t0`.`weight`, NULL),
      0.0
    ),
    NULL
  ) AS `den_baseline`,
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      CAST(`t0`.`candidate_text` = '1' AS FLOAT64) * IF((
        `t0`.`candidate_text` = '1'
      ) IS NOT NULL, `t0`.`weight`, NULL),
      0.0
    ),
    NULL
  ) AS `num_candidate`,
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      IF((
        `t0`.`candidate_text` = '1'
      ) IS NOT NULL, `t0`.`weight`, NULL),
      0.0
    ),
    NULL
  ) AS `den_candidate`
FROM `rows` AS `t0`

-- specificity
SELECT
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` <> '1', NULL)
  AND NOT (
    IF(
      `t0`.`baseline_number` IS NULL,
      `t0`.`baseline_text` = '1',
      `t0`.`baseline_number` >= 0.5
    )
  ) AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` <> '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_baseline`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` <> '1', NULL)
  AND NOT (
    IF(
      `t0`.`candidate_number` IS NULL,
      `t0`.`candidate_text` = '1',
      `t0`.`candidate_number` >= 0.5
    )
  ) AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` <> '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- specificity, one probability per class
SELECT
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` <> '1', NULL)
  AND NOT (
    `t0`.`baseline_text` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` <> '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_baseline`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` <> '1', NULL)
  AND NOT (
    `t0`.`candidate_text` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` <> '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- false_positive_rate
SELECT
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` <> '1', NULL)
  AND IF(
    `t0`.`baseline_number` IS NULL,
    `t0`.`baseline_text` = '1',
    `t0`.`baseline_number` >= 0.5
  ) AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` <> '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_baseline`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` <> '1', NULL)
  AND IF(
    `t0`.`candidate_number` IS NULL,
    `t0`.`candidate_text` = '1',
    `t0`.`candidate_number` >= 0.5
  ) AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` <> '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- false_positive_rate, one probability per class
SELECT
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` <> '1', NULL)
  AND (
    `t0`.`baseline_text` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  CAST(IF(`t0`.`baseline_text` IS NOT NULL, `t0`.`label` <> '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_baseline`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` <> '1', NULL)
  AND (
    `t0`.`candidate_text` = '1'
  ) AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  CAST(IF(`t0`.`candidate_text` IS NOT NULL, `t0`.`label` <> '1', NULL) AS FLOAT64) * `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- f1
SELECT
  CAST(IF(
    `t0`.`baseline_number` IS NULL,
    `t0`.`baseline_text` = '1',
    `t0`.`baseline_number` >= 0.5
  ) AS FLOAT64) * CAST(`t0`.`label` = '1' AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  (
    CAST(IF(
      `t0`.`baseline_number` IS NULL,
      `t0`.`baseline_text` = '1',
      `t0`.`baseline_number` >= 0.5
    ) AS FLOAT64) + CAST(`t0`.`label` = '1' AS FLOAT64)
  ) * 0.5 * `t0`.`weight` AS `den_baseline`,
  CAST(IF(
    `t0`.`candidate_number` IS NULL,
    `t0`.`candidate_text` = '1',
    `t0`.`candidate_number` >= 0.5
  ) AS FLOAT64) * CAST(`t0`.`label` = '1' AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  (
    CAST(IF(
      `t0`.`candidate_number` IS NULL,
      `t0`.`candidate_text` = '1',
      `t0`.`candidate_number` >= 0.5
    ) AS FLOAT64) + CAST(`t0`.`label` = '1' AS FLOAT64)
  ) * 0.5 * `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- f1, one probability per class
SELECT
  CAST(`t0`.`baseline_text` = '1' AS FLOAT64) * CAST(`t0`.`label` = '1' AS FLOAT64) * `t0`.`weight` AS `num_baseline`,
  (
    CAST(`t0`.`baseline_text` = '1' AS FLOAT64) + CAST(`t0`.`label` = '1' AS FLOAT64)
  ) * 0.5 * `t0`.`weight` AS `den_baseline`,
  CAST(`t0`.`candidate_text` = '1' AS FLOAT64) * CAST(`t0`.`label` = '1' AS FLOAT64) * `t0`.`weight` AS `num_candidate`,
  (
    CAST(`t0`.`candidate_text` = '1' AS FLOAT64) + CAST(`t0`.`label` = '1' AS FLOAT64)
  ) * 0.5 * `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- log_loss
SELECT
  -(
    LN(
      IF(
        IF(
          `t0`.`label` IS NOT NULL,
          IF(`t0`.`label` = '1', `t0`.`baseline_number`, 1 - `t0`.`baseline_number`),
          NULL
        ) IS NULL,
        IF(
          `t0`.`label` IS NOT NULL,
          IF(`t0`.`label` = '1', `t0`.`baseline_number`, 1 - `t0`.`baseline_number`),
          NULL
        ),
        GREATEST(
          1e-15,
          IF(
            `t0`.`label` IS NOT NULL,
            IF(`t0`.`label` = '1', `t0`.`baseline_number`, 1 - `t0`.`baseline_number`),
            NULL
          )
        )
      )
    )
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  -(
    LN(
      IF(
        IF(
          `t0`.`label` IS NOT NULL,
          IF(`t0`.`label` = '1', `t0`.`candidate_number`, 1 - `t0`.`candidate_number`),
          NULL
        ) IS NULL,
        IF(
          `t0`.`label` IS NOT NULL,
          IF(`t0`.`label` = '1', `t0`.`candidate_number`, 1 - `t0`.`candidate_number`),
          NULL
        ),
        GREATEST(
          1e-15,
          IF(
            `t0`.`label` IS NOT NULL,
            IF(`t0`.`label` = '1', `t0`.`candidate_number`, 1 - `t0`.`candidate_number`),
            NULL
          )
        )
      )
    )
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- log_loss, one probability per class
SELECT
  -(
    LN(
      IF(
        `t0`.`baseline_truth` IS NULL,
        `t0`.`baseline_truth`,
        GREATEST(1e-15, `t0`.`baseline_truth`)
      )
    )
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  -(
    LN(
      IF(
        `t0`.`candidate_truth` IS NULL,
        `t0`.`candidate_truth`,
        GREATEST(1e-15, `t0`.`candidate_truth`)
      )
    )
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- brier
SELECT
  (
    1 - IF(
      `t0`.`label` IS NOT NULL,
      IF(`t0`.`label` = '1', `t0`.`baseline_number`, 1 - `t0`.`baseline_number`),
      NULL
    )
  ) * (
    1 - IF(
      `t0`.`label` IS NOT NULL,
      IF(`t0`.`label` = '1', `t0`.`baseline_number`, 1 - `t0`.`baseline_number`),
      NULL
    )
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  (
    1 - IF(
      `t0`.`label` IS NOT NULL,
      IF(`t0`.`label` = '1', `t0`.`candidate_number`, 1 - `t0`.`candidate_number`),
      NULL
    )
  ) * (
    1 - IF(
      `t0`.`label` IS NOT NULL,
      IF(`t0`.`label` = '1', `t0`.`candidate_number`, 1 - `t0`.`candidate_number`),
      NULL
    )
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- brier, one probability per class
SELECT
  (
    (
      `t0`.`baseline_square` - (
        `t0`.`baseline_truth` * 2
      )
    ) + 1
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  (
    (
      `t0`.`candidate_square` - (
        `t0`.`candidate_truth` * 2
      )
    ) + 1
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- ece
SELECT
  `t0`.`baseline_number` AS `confidence_baseline`,
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `outcome_baseline`,
  `t0`.`candidate_number` AS `confidence_candidate`,
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `outcome_candidate`
FROM `rows` AS `t0`

-- ece, one probability per class
SELECT
  `t0`.`baseline_confidence` AS `confidence_baseline`,
  CAST(`t0`.`baseline_text` = `t0`.`label` AS FLOAT64) AS `outcome_baseline`,
  `t0`.`candidate_confidence` AS `confidence_candidate`,
  CAST(`t0`.`candidate_text` = `t0`.`label` AS FLOAT64) AS `outcome_candidate`
FROM `rows` AS `t0`

-- calibration_slope
SELECT
  `t0`.`baseline_number` AS `confidence_baseline`,
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `outcome_baseline`,
  `t0`.`candidate_number` AS `confidence_candidate`,
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `outcome_candidate`
FROM `rows` AS `t0`

-- calibration_slope, one probability per class
SELECT
  `t0`.`baseline_confidence` AS `confidence_baseline`,
  CAST(`t0`.`baseline_text` = `t0`.`label` AS FLOAT64) AS `outcome_baseline`,
  `t0`.`candidate_confidence` AS `confidence_candidate`,
  CAST(`t0`.`candidate_text` = `t0`.`label` AS FLOAT64) AS `outcome_candidate`
FROM `rows` AS `t0`

-- calibration_intercept
SELECT
  `t0`.`baseline_number` AS `confidence_baseline`,
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `outcome_baseline`,
  `t0`.`candidate_number` AS `confidence_candidate`,
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `outcome_candidate`
FROM `rows` AS `t0`

-- calibration_intercept, one probability per class
SELECT
  `t0`.`baseline_confidence` AS `confidence_baseline`,
  CAST(`t0`.`baseline_text` = `t0`.`label` AS FLOAT64) AS `outcome_baseline`,
  `t0`.`candidate_confidence` AS `confidence_candidate`,
  CAST(`t0`.`candidate_text` = `t0`.`label` AS FLOAT64) AS `outcome_candidate`
FROM `rows` AS `t0`

-- roc_auc
SELECT
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `label`,
  `t0`.`baseline_number` AS `score_baseline`,
  `t0`.`candidate_number` AS `score_candidate`
FROM `rows` AS `t0`

-- roc_auc, one probability per class
SELECT
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `label`,
  `t0`.`baseline_number` AS `score_baseline`,
  `t0`.`candidate_number` AS `score_candidate`
FROM `rows` AS `t0`

-- average_precision
SELECT
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `label`,
  `t0`.`baseline_number` AS `score_baseline`,
  `t0`.`candidate_number` AS `score_candidate`,
  `t0`.`weight`
FROM `rows` AS `t0`

-- average_precision, one probability per class
SELECT
  CAST(`t0`.`label` = '1' AS FLOAT64) AS `label`,
  `t0`.`baseline_number` AS `score_baseline`,
  `t0`.`candidate_number` AS `score_candidate`,
  `t0`.`weight`
FROM `rows` AS `t0`

-- expected_cost
SELECT
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      (
        CAST(IF(
          `t0`.`baseline_number` IS NULL,
          `t0`.`baseline_text` = '1',
          `t0`.`baseline_number` >= 0.5
        ) AS FLOAT64) * -20.0
      ) + 20.0,
      (
        CAST(IF(
          `t0`.`baseline_number` IS NULL,
          `t0`.`baseline_text` = '1',
          `t0`.`baseline_number` >= 0.5
        ) AS FLOAT64) * 1.0
      ) + 0.0
    ),
    NULL
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      (
        CAST(IF(
          `t0`.`candidate_number` IS NULL,
          `t0`.`candidate_text` = '1',
          `t0`.`candidate_number` >= 0.5
        ) AS FLOAT64) * -20.0
      ) + 20.0,
      (
        CAST(IF(
          `t0`.`candidate_number` IS NULL,
          `t0`.`candidate_text` = '1',
          `t0`.`candidate_number` >= 0.5
        ) AS FLOAT64) * 1.0
      ) + 0.0
    ),
    NULL
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- expected_cost, one probability per class
SELECT
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      (
        CAST(`t0`.`baseline_text` = '1' AS FLOAT64) * -20.0
      ) + 20.0,
      (
        CAST(`t0`.`baseline_text` = '1' AS FLOAT64) * 1.0
      ) + 0.0
    ),
    NULL
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  IF(
    `t0`.`label` IS NOT NULL,
    IF(
      `t0`.`label` = '1',
      (
        CAST(`t0`.`candidate_text` = '1' AS FLOAT64) * -20.0
      ) + 20.0,
      (
        CAST(`t0`.`candidate_text` = '1' AS FLOAT64) * 1.0
      ) + 0.0
    ),
    NULL
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- net_benefit
SELECT
  CAST(`t0`.`baseline_number` >= 0.5 AS FLOAT64) * IF(`t0`.`label` IS NOT NULL, IF(`t0`.`label` = '1', 1.0, -1.0), NULL) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  CAST(`t0`.`candidate_number` >= 0.5 AS FLOAT64) * IF(`t0`.`label` IS NOT NULL, IF(`t0`.`label` = '1', 1.0, -1.0), NULL) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- net_benefit, one probability per class
SELECT
  CAST(`t0`.`baseline_number` >= 0.5 AS FLOAT64) * IF(`t0`.`label` IS NOT NULL, IF(`t0`.`label` = '1', 1.0, -1.0), NULL) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  CAST(`t0`.`candidate_number` >= 0.5 AS FLOAT64) * IF(`t0`.`label` IS NOT NULL, IF(`t0`.`label` = '1', 1.0, -1.0), NULL) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- mae
SELECT
  ABS(`t0`.`baseline_number` - `t0`.`label_number`) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  ABS(`t0`.`candidate_number` - `t0`.`label_number`) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- mae, one probability per class
SELECT
  ABS(`t0`.`baseline_number` - `t0`.`label_number`) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  ABS(`t0`.`candidate_number` - `t0`.`label_number`) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- rmse
SELECT
  (
    `t0`.`baseline_number` - `t0`.`label_number`
  ) * (
    `t0`.`baseline_number` - `t0`.`label_number`
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  (
    `t0`.`candidate_number` - `t0`.`label_number`
  ) * (
    `t0`.`candidate_number` - `t0`.`label_number`
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- rmse, one probability per class
SELECT
  (
    `t0`.`baseline_number` - `t0`.`label_number`
  ) * (
    `t0`.`baseline_number` - `t0`.`label_number`
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  (
    `t0`.`candidate_number` - `t0`.`label_number`
  ) * (
    `t0`.`candidate_number` - `t0`.`label_number`
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- mean_error
SELECT
  (
    `t0`.`baseline_number` - `t0`.`label_number`
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  (
    `t0`.`candidate_number` - `t0`.`label_number`
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- mean_error, one probability per class
SELECT
  (
    `t0`.`baseline_number` - `t0`.`label_number`
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  (
    `t0`.`candidate_number` - `t0`.`label_number`
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- pinball
SELECT
  IF(
    (
      `t0`.`baseline_number` - `t0`.`label_number`
    ) >= 0,
    (
      `t0`.`baseline_number` - `t0`.`label_number`
    ) * 0.09999999999999998,
    (
      `t0`.`baseline_number` - `t0`.`label_number`
    ) * -0.9
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  IF(
    (
      `t0`.`candidate_number` - `t0`.`label_number`
    ) >= 0,
    (
      `t0`.`candidate_number` - `t0`.`label_number`
    ) * 0.09999999999999998,
    (
      `t0`.`candidate_number` - `t0`.`label_number`
    ) * -0.9
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- pinball, one probability per class
SELECT
  IF(
    (
      `t0`.`baseline_number` - `t0`.`label_number`
    ) >= 0,
    (
      `t0`.`baseline_number` - `t0`.`label_number`
    ) * 0.09999999999999998,
    (
      `t0`.`baseline_number` - `t0`.`label_number`
    ) * -0.9
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  IF(
    (
      `t0`.`candidate_number` - `t0`.`label_number`
    ) >= 0,
    (
      `t0`.`candidate_number` - `t0`.`label_number`
    ) * 0.09999999999999998,
    (
      `t0`.`candidate_number` - `t0`.`label_number`
    ) * -0.9
  ) * `t0`.`weight` AS `num_candidate`,
  `t0`.`weight` AS `den_candidate`
FROM `rows` AS `t0`

-- mean
SELECT
  `t0`.`baseline_value` AS `num_baseline`,
  CAST(`t0`.`baseline_value` IS NOT NULL AS FLOAT64) AS `den_baseline`,
  `t0`.`candidate_value` AS `num_candidate`,
  CAST(`t0`.`candidate_value` IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- proportion
SELECT
  CAST(`t0`.`baseline_value` >= 0.5 AS FLOAT64) AS `num_baseline`,
  CAST(CAST(`t0`.`baseline_value` >= 0.5 AS FLOAT64) IS NOT NULL AS FLOAT64) AS `den_baseline`,
  CAST(`t0`.`candidate_value` >= 0.5 AS FLOAT64) AS `num_candidate`,
  CAST(CAST(`t0`.`candidate_value` >= 0.5 AS FLOAT64) IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- pass_k
SELECT
  IF(
    `t0`.`baseline_count` >= 2,
    ieee_divide(CAST(`t0`.`baseline_hits` - 0 AS FLOAT64), NULLIF(`t0`.`baseline_count` - 0, 0)) * ieee_divide(CAST(`t0`.`baseline_hits` - 1 AS FLOAT64), NULLIF(`t0`.`baseline_count` - 1, 0)),
    NULL
  ) AS `num_baseline`,
  CAST(IF(
    `t0`.`baseline_count` >= 2,
    ieee_divide(CAST(`t0`.`baseline_hits` - 0 AS FLOAT64), NULLIF(`t0`.`baseline_count` - 0, 0)) * ieee_divide(CAST(`t0`.`baseline_hits` - 1 AS FLOAT64), NULLIF(`t0`.`baseline_count` - 1, 0)),
    NULL
  ) IS NOT NULL AS FLOAT64) AS `den_baseline`,
  IF(
    `t0`.`candidate_count` >= 2,
    ieee_divide(CAST(`t0`.`candidate_hits` - 0 AS FLOAT64), NULLIF(`t0`.`candidate_count` - 0, 0)) * ieee_divide(CAST(`t0`.`candidate_hits` - 1 AS FLOAT64), NULLIF(`t0`.`candidate_count` - 1, 0)),
    NULL
  ) AS `num_candidate`,
  CAST(IF(
    `t0`.`candidate_count` >= 2,
    ieee_divide(CAST(`t0`.`candidate_hits` - 0 AS FLOAT64), NULLIF(`t0`.`candidate_count` - 0, 0)) * ieee_divide(CAST(`t0`.`candidate_hits` - 1 AS FLOAT64), NULLIF(`t0`.`candidate_count` - 1, 0)),
    NULL
  ) IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- pass_at_k
SELECT
  1.0 - IF(
    `t0`.`baseline_count` >= 2,
    ieee_divide(
      CAST((
        `t0`.`baseline_count` - `t0`.`baseline_hits`
      ) - 0 AS FLOAT64),
      NULLIF(`t0`.`baseline_count` - 0, 0)
    ) * ieee_divide(
      CAST((
        `t0`.`baseline_count` - `t0`.`baseline_hits`
      ) - 1 AS FLOAT64),
      NULLIF(`t0`.`baseline_count` - 1, 0)
    ),
    NULL
  ) AS `num_baseline`,
  CAST((
    1.0 - IF(
      `t0`.`baseline_count` >= 2,
      ieee_divide(
        CAST((
          `t0`.`baseline_count` - `t0`.`baseline_hits`
        ) - 0 AS FLOAT64),
        NULLIF(`t0`.`baseline_count` - 0, 0)
      ) * ieee_divide(
        CAST((
          `t0`.`baseline_count` - `t0`.`baseline_hits`
        ) - 1 AS FLOAT64),
        NULLIF(`t0`.`baseline_count` - 1, 0)
      ),
      NULL
    )
  ) IS NOT NULL AS FLOAT64) AS `den_baseline`,
  1.0 - IF(
    `t0`.`candidate_count` >= 2,
    ieee_divide(
      CAST((
        `t0`.`candidate_count` - `t0`.`candidate_hits`
      ) - 0 AS FLOAT64),
      NULLIF(`t0`.`candidate_count` - 0, 0)
    ) * ieee_divide(
      CAST((
        `t0`.`candidate_count` - `t0`.`candidate_hits`
      ) - 1 AS FLOAT64),
      NULLIF(`t0`.`candidate_count` - 1, 0)
    ),
    NULL
  ) AS `num_candidate`,
  CAST((
    1.0 - IF(
      `t0`.`candidate_count` >= 2,
      ieee_divide(
        CAST((
          `t0`.`candidate_count` - `t0`.`candidate_hits`
        ) - 0 AS FLOAT64),
        NULLIF(`t0`.`candidate_count` - 0, 0)
      ) * ieee_divide(
        CAST((
          `t0`.`candidate_count` - `t0`.`candidate_hits`
        ) - 1 AS FLOAT64),
        NULLIF(`t0`.`candidate_count` - 1, 0)
      ),
      NULL
    )
  ) IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- quantile
SELECT
  `t0`.`baseline_value` AS `value_baseline`,
  `t0`.`candidate_value` AS `value_candidate`
FROM `rows` AS `t0`

-- error_share
SELECT
  `t0`.`baseline_error` AS `num_baseline`,
  CAST(`t0`.`baseline_error` IS NOT NULL AS FLOAT64) AS `den_baseline`,
  `t0`.`candidate_error` AS `num_candidate`,
  CAST(`t0`.`candidate_error` IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- disagreement
SELECT
  CAST((
    `t0`.`baseline_value` >= 0.5
  ) <> (
    `t0`.`candidate_value` >= 0.5
  ) AS FLOAT64) * 0.0 AS `num_baseline`,
  CAST((
    `t0`.`baseline_value` >= 0.5
  ) <> (
    `t0`.`candidate_value` >= 0.5
  ) AS FLOAT64) AS `num_candidate`,
  CAST((
    CAST((
      `t0`.`baseline_value` >= 0.5
    ) <> (
      `t0`.`candidate_value` >= 0.5
    ) AS FLOAT64) * 0.0
  ) IS NOT NULL AS FLOAT64) AS `den_baseline`,
  CAST(CAST((
    `t0`.`baseline_value` >= 0.5
  ) <> (
    `t0`.`candidate_value` >= 0.5
  ) AS FLOAT64) IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- cost
SELECT
  `t0`.`baseline_cost` AS `num_baseline`,
  CAST(`t0`.`baseline_cost` IS NOT NULL AS FLOAT64) AS `den_baseline`,
  `t0`.`candidate_cost` AS `num_candidate`,
  CAST(`t0`.`candidate_cost` IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- unit_cost
SELECT
  `t0`.`baseline_cost` AS `num_baseline`,
  IF(`t0`.`baseline_value` >= 0, `t0`.`baseline_value`, NULL) AS `den_baseline`,
  `t0`.`candidate_cost` AS `num_candidate`,
  IF(`t0`.`candidate_value` >= 0, `t0`.`candidate_value`, NULL) AS `den_candidate`
FROM `rows` AS `t0`

-- timeout_share
SELECT
  CAST(`t0`.`baseline_latency_ms` >= 0.5 AS FLOAT64) AS `num_baseline`,
  CAST(CAST(`t0`.`baseline_latency_ms` >= 0.5 AS FLOAT64) IS NOT NULL AS FLOAT64) AS `den_baseline`,
  CAST(`t0`.`candidate_latency_ms` >= 0.5 AS FLOAT64) AS `num_candidate`,
  CAST(CAST(`t0`.`candidate_latency_ms` >= 0.5 AS FLOAT64) IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- fallback_share
SELECT
  CAST(`t0`.`baseline_fallback` >= 0.5 AS FLOAT64) AS `num_baseline`,
  CAST(CAST(`t0`.`baseline_fallback` >= 0.5 AS FLOAT64) IS NOT NULL AS FLOAT64) AS `den_baseline`,
  CAST(`t0`.`candidate_fallback` >= 0.5 AS FLOAT64) AS `num_candidate`,
  CAST(CAST(`t0`.`candidate_fallback` >= 0.5 AS FLOAT64) IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- ndcg
SELECT
  COALESCE(
    ieee_divide(`t0`.`baseline_gain`, NULLIF(`t0`.`ideal`, 0)),
    `t0`.`baseline_gain` * 0.0
  ) AS `num_baseline`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_baseline`,
  COALESCE(
    ieee_divide(`t0`.`candidate_gain`, NULLIF(`t0`.`ideal`, 0)),
    `t0`.`candidate_gain` * 0.0
  ) AS `num_candidate`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- precision_at_k
SELECT
  ieee_divide(CAST(`t0`.`baseline_hits` AS FLOAT64), 2) AS `num_baseline`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_baseline`,
  ieee_divide(CAST(`t0`.`candidate_hits` AS FLOAT64), 2) AS `num_candidate`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- recall_at_k
SELECT
  COALESCE(
    ieee_divide(CAST(`t0`.`baseline_hits` AS FLOAT64), NULLIF(`t0`.`relevant`, 0)),
    CAST(`t0`.`baseline_hits` AS FLOAT64) * 0.0
  ) AS `num_baseline`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_baseline`,
  COALESCE(
    ieee_divide(CAST(`t0`.`candidate_hits` AS FLOAT64), NULLIF(`t0`.`relevant`, 0)),
    CAST(`t0`.`candidate_hits` AS FLOAT64) * 0.0
  ) AS `num_candidate`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- hit_rate
SELECT
  CAST(`t0`.`baseline_hits` > 0 AS FLOAT64) AS `num_baseline`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_baseline`,
  CAST(`t0`.`candidate_hits` > 0 AS FLOAT64) AS `num_candidate`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- mrr
SELECT
  COALESCE(
    ieee_divide((
      CAST(`t0`.`baseline_hits` AS FLOAT64) * 0.0
    ) + 1.0, `t0`.`baseline_first`),
    CAST(`t0`.`baseline_hits` AS FLOAT64) * 0.0
  ) AS `num_baseline`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_baseline`,
  COALESCE(
    ieee_divide((
      CAST(`t0`.`candidate_hits` AS FLOAT64) * 0.0
    ) + 1.0, `t0`.`candidate_first`),
    CAST(`t0`.`candidate_hits` AS FLOAT64) * 0.0
  ) AS `num_candidate`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- map
SELECT
  COALESCE(
    ieee_divide(`t0`.`baseline_precisions`, NULLIF(`t0`.`relevant`, 0)),
    `t0`.`baseline_precisions` * 0.0
  ) AS `num_baseline`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_baseline`,
  COALESCE(
    ieee_divide(`t0`.`candidate_precisions`, NULLIF(`t0`.`relevant`, 0)),
    `t0`.`candidate_precisions` * 0.0
  ) AS `num_candidate`,
  CAST(`t0`.`relevant` >= 0 AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- catalogue_coverage
SELECT
  `t0`.`code` AS `item`,
  `t0`.`catalogue`,
  `t0`.`baseline_shown` AS `shown_baseline`,
  `t0`.`candidate_shown` AS `shown_candidate`
FROM `rows` AS `t0`

-- novelty
SELECT
  ieee_divide(`t0`.`baseline_rarity`, NULLIF(`t0`.`baseline_listed`, 0)) AS `num_baseline`,
  CAST(ieee_divide(`t0`.`baseline_rarity`, NULLIF(`t0`.`baseline_listed`, 0)) IS NOT NULL AS FLOAT64) AS `den_baseline`,
  ieee_divide(`t0`.`candidate_rarity`, NULLIF(`t0`.`candidate_listed`, 0)) AS `num_candidate`,
  CAST(ieee_divide(`t0`.`candidate_rarity`, NULLIF(`t0`.`candidate_listed`, 0)) IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- diversity
SELECT
  1.0 - ieee_divide(
    CAST(`t0`.`baseline_alike` AS FLOAT64),
    NULLIF(
      CAST(`t0`.`baseline_listed` AS FLOAT64) * (
        CAST(`t0`.`baseline_listed` AS FLOAT64) - 1.0
      ),
      0.0
    )
  ) AS `num_baseline`,
  CAST((
    1.0 - ieee_divide(
      CAST(`t0`.`baseline_alike` AS FLOAT64),
      NULLIF(
        CAST(`t0`.`baseline_listed` AS FLOAT64) * (
          CAST(`t0`.`baseline_listed` AS FLOAT64) - 1.0
        ),
        0.0
      )
    )
  ) IS NOT NULL AS FLOAT64) AS `den_baseline`,
  1.0 - ieee_divide(
    CAST(`t0`.`candidate_alike` AS FLOAT64),
    NULLIF(
      CAST(`t0`.`candidate_listed` AS FLOAT64) * (
        CAST(`t0`.`candidate_listed` AS FLOAT64) - 1.0
      ),
      0.0
    )
  ) AS `num_candidate`,
  CAST((
    1.0 - ieee_divide(
      CAST(`t0`.`candidate_alike` AS FLOAT64),
      NULLIF(
        CAST(`t0`.`candidate_listed` AS FLOAT64) * (
          CAST(`t0`.`candidate_listed` AS FLOAT64) - 1.0
        ),
        0.0
      )
    )
  ) IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- ips
SELECT
  `t0`.`baseline_weight` * `t0`.`reward` AS `num_baseline`,
  (
    `t0`.`baseline_weight` * 0.0
  ) + 1.0 AS `den_baseline`,
  `t0`.`baseline_weight` AS `weight_baseline`,
  `t0`.`candidate_weight` * `t0`.`reward` AS `num_candidate`,
  (
    `t0`.`candidate_weight` * 0.0
  ) + 1.0 AS `den_candidate`,
  `t0`.`candidate_weight` AS `weight_candidate`,
  `t0`.`reward` AS `surprise`
FROM `rows` AS `t0`

-- snips
SELECT
  `t0`.`baseline_weight` * `t0`.`reward` AS `num_baseline`,
  `t0`.`baseline_weight` AS `den_baseline`,
  `t0`.`baseline_weight` AS `weight_baseline`,
  `t0`.`candidate_weight` * `t0`.`reward` AS `num_candidate`,
  `t0`.`candidate_weight` AS `den_candidate`,
  `t0`.`candidate_weight` AS `weight_candidate`,
  `t0`.`reward` AS `surprise`
FROM `rows` AS `t0`

-- doubly_robust
SELECT
  `t0`.`baseline_modelled` + (
    `t0`.`baseline_weight` * (
      `t0`.`reward` - `t0`.`expected`
    )
  ) AS `num_baseline`,
  (
    `t0`.`baseline_weight` * 0.0
  ) + 1.0 AS `den_baseline`,
  `t0`.`baseline_weight` AS `weight_baseline`,
  `t0`.`candidate_modelled` + (
    `t0`.`candidate_weight` * (
      `t0`.`reward` - `t0`.`expected`
    )
  ) AS `num_candidate`,
  (
    `t0`.`candidate_weight` * 0.0
  ) + 1.0 AS `den_candidate`,
  `t0`.`candidate_weight` AS `weight_candidate`,
  `t0`.`reward` - `t0`.`expected` AS `surprise`
FROM `rows` AS `t0`

-- win_rate
SELECT
  `t0`.`won`,
  `t0`.`first`
FROM `rows` AS `t0`

-- corrected_win_rate
SELECT
  CAST(`t0`.`labelled` AS FLOAT64) AS `labelled`,
  (
    `t0`.`judge` * 0.0
  ) + 1.0 AS `chance`,
  IF(`t0`.`labelled`, 1.0 - `t0`.`human`, 0.0) AS `truth_baseline`,
  IF(`t0`.`labelled`, `t0`.`human`, 0.0) AS `truth_candidate`,
  1.0 - `t0`.`judge` AS `machine_baseline`,
  `t0`.`judge` AS `machine_candidate`
FROM `rows` AS `t0`
