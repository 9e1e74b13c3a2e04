//! The JSON Schemas of rule files, shared conditions, the config, and JSON reports.

use forcelint::config::config_schema;
use forcelint::output::{
    comparison_schema, coverage_schema, line_schema, merged_schema, report_schema,
};
use forcelint::rule::{conditions_schema, json_schema};

use crate::generated::Generated;

pub fn generate(generated: &mut Generated) {
    generated.file("docs/rule.schema.json", json_schema());
    generated.file("docs/conditions.schema.json", conditions_schema());
    generated.file("docs/forcelint.schema.json", config_schema());
    generated.file("docs/report.schema.json", report_schema());
    generated.file("docs/comparison.schema.json", comparison_schema());
    generated.file("docs/report-line.schema.json", line_schema());
    generated.file("docs/merged-report.schema.json", merged_schema());
    generated.file("docs/coverage-report.schema.json", coverage_schema());
}
