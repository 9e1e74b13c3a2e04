//! Published controls as taxonomies, which rules refer to.

use std::collections::HashMap;

use super::model::{ComponentReference, Relationship, Taxon, TaxonReference, Taxonomy, Text};
use crate::rule::Rule;
use crate::rule_docs::{ControlReference, PUBLISHED};

/// The taxonomies of a log.
#[derive(Default)]
pub(super) struct Taxonomies<'a> {
    pub(super) all: Vec<Taxonomy<'a>>,
    /// The indexes of the taxonomy and of the control in it, by the id of the control.
    indexes: HashMap<&'a str, (usize, usize)>,
}

impl<'a> Taxonomies<'a> {
    /// The controls that these rules cover, by publisher, in the order of the published list.
    pub(super) fn of_rules(rules: impl Iterator<Item = &'a Rule>) -> Self {
        let mut covered: Vec<&str> = rules
            .flat_map(|rule| rule.covers.iter().map(String::as_str))
            .collect();
        covered.sort_unstable();
        let mut taxonomies = Self::default();
        for source in &PUBLISHED.source {
            let of_source = PUBLISHED.control.iter();
            let of_source = of_source.filter(|control| control.source == source.id);
            let total = of_source.clone().count();
            let of_source = of_source.filter(|it| covered.binary_search(&it.id.as_str()).is_ok());
            let mut taxa = Vec::new();
            for control in of_source {
                let index = (taxonomies.all.len(), taxa.len());
                taxonomies.indexes.insert(&control.id, index);
                taxa.push(Taxon {
                    id: &control.id,
                    short_description: Text {
                        text: format!("{}.", control.name).into(),
                    },
                    help_uri: control.url.as_deref(),
                });
            }
            if !taxa.is_empty() {
                taxonomies.all.push(Taxonomy {
                    name: &source.name,
                    information_uri: &source.url,
                    is_comprehensive: taxa.len() == total,
                    taxa,
                });
            }
        }
        taxonomies
    }

    pub(super) fn references(&self) -> Vec<ComponentReference<'a>> {
        let names = self.all.iter().map(|taxonomy| taxonomy.name).enumerate();
        names
            .map(|(index, name)| ComponentReference { name, index })
            .collect()
    }

    /// From a rule to the controls that it covers. Controls that only a custom rule knows have no taxonomy.
    pub(super) fn relationships(&self, rule: &'a Rule) -> Vec<Relationship<'a>> {
        let covered = rule.covers.iter().filter_map(|id| {
            let (at, index) = *self.indexes.get(id.as_str())?;
            Some(Relationship {
                target: TaxonReference {
                    id,
                    index,
                    tool_component: ComponentReference {
                        name: self.all.get(at)?.name,
                        index: at,
                    },
                },
                // A rule often checks a part of a control, and a control can need several rules.
                kinds: ["relevant"],
            })
        });
        covered.collect()
    }
}

/// A tag for a control, in the form that code scanning uses for CWE.
pub(super) fn tag(control: &ControlReference<'_>) -> Option<String> {
    Some(format!("external/{}/{}", control.source?, control.id))
}
