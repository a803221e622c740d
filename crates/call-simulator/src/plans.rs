//! The plans that simulated calls run over.

use dialplan::{Plan, PlanSources};
use std::sync::{Arc, LazyLock};

const SHOP: &str = include_str!("../plans/shop.yaml");
const TEXTS: [&str; 7] = [
    include_str!("../plans/desk.yaml"),
    include_str!("../plans/strict.yaml"),
    include_str!("../plans/queue.yaml"),
    SHOP,
    SHOP,
    SHOP,
    include_str!("../../../dialplans/front-desk/flow.yaml"),
];

/// The example plan and small ones with the oddities it lacks, compiled once; the one
/// that asks others stands there more often, for it has more that can go wrong.
pub(crate) fn plans() -> &'static [Arc<Plan>] {
    static PLANS: LazyLock<Vec<Arc<Plan>>> = LazyLock::new(|| {
        TEXTS
            .iter()
            .map(|text| {
                let plan = Plan::compile(&PlanSources::of_head(*text));
                Arc::new(plan.unwrap_or_else(|problems| {
                    unreachable!("a plan that is shipped compiles: {problems:?}")
                }))
            })
            .collect()
    });
    &PLANS
}
