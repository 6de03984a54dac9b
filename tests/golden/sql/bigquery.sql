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

-- log_loss
SELECT
  -(
    LN(
      IF(
        IF(`t0`.`label` = '1', `t0`.`baseline_number`, 1 - `t0`.`baseline_number`) IS NULL,
        IF(`t0`.`label` = '1', `t0`.`baseline_number`, 1 - `t0`.`baseline_number`),
        GREATEST(1e-15, IF(`t0`.`label` = '1', `t0`.`baseline_number`, 1 - `t0`.`baseline_number`))
      )
    )
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  -(
    LN(
      IF(
        IF(`t0`.`label` = '1', `t0`.`candidate_number`, 1 - `t0`.`candidate_number`) IS NULL,
        IF(`t0`.`label` = '1', `t0`.`candidate_number`, 1 - `t0`.`candidate_number`),
        GREATEST(
          1e-15,
          IF(`t0`.`label` = '1', `t0`.`candidate_number`, 1 - `t0`.`candidate_number`)
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
    1 - IF(`t0`.`label` = '1', `t0`.`baseline_number`, 1 - `t0`.`baseline_number`)
  ) * (
    1 - IF(`t0`.`label` = '1', `t0`.`baseline_number`, 1 - `t0`.`baseline_number`)
  ) * `t0`.`weight` AS `num_baseline`,
  `t0`.`weight` AS `den_baseline`,
  (
    1 - IF(`t0`.`label` = '1', `t0`.`candidate_number`, 1 - `t0`.`candidate_number`)
  ) * (
    1 - IF(`t0`.`label` = '1', `t0`.`candidate_number`, 1 - `t0`.`candidate_number`)
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
  CAST(`t0`.`baseline_decision` <> `t0`.`candidate_decision` AS FLOAT64) * 0.0 AS `num_baseline`,
  CAST((
    CAST(`t0`.`baseline_decision` <> `t0`.`candidate_decision` AS FLOAT64) * 0.0
  ) IS NOT NULL AS FLOAT64) AS `den_baseline`,
  CAST(`t0`.`baseline_decision` <> `t0`.`candidate_decision` AS FLOAT64) AS `num_candidate`,
  CAST(CAST(`t0`.`baseline_decision` <> `t0`.`candidate_decision` AS FLOAT64) IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`

-- cost
SELECT
  `t0`.`baseline_cost` AS `num_baseline`,
  CAST(`t0`.`baseline_cost` IS NOT NULL AS FLOAT64) AS `den_baseline`,
  `t0`.`candidate_cost` AS `num_candidate`,
  CAST(`t0`.`candidate_cost` IS NOT NULL AS FLOAT64) AS `den_candidate`
FROM `rows` AS `t0`
