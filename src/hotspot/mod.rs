//! Where is it worse than chance, since when, and for whom? Methods behind one registry.

pub mod adapt;
pub mod alarm;
pub mod alarm_print;
pub mod area;
pub mod area_file;
pub mod caller_weighting;
pub mod category;
pub mod close_pairs;
pub mod compare;
pub mod cube;
pub mod dbscan;
pub mod deals;
pub mod emerging;
pub mod fdr;
pub mod gi_star;
pub mod h3_aggregate;
pub mod hdbscan;
pub mod kde;
pub mod knox;
pub mod lens;
pub mod local_moran;
pub mod mann_kendall;
pub mod method;
pub mod network_kde;
pub mod peak_hours;
pub mod period_change;
pub mod pile_up;
pub mod randomise;
pub mod rates;
pub mod road_density;
pub mod road_screening;
pub mod roads;
pub mod sample;
pub mod scan;
pub mod scan_engine;
pub mod scan_model;
pub mod scan_read;
pub mod scan_zones;
pub mod site_emerging;
pub mod st_dbscan;
pub mod steps;
pub mod study;
pub mod table;

pub use method::{Answer, Method, MethodError};
pub use table::{Input, Table};

/// All methods, in the order of the help and the documentation.
pub static METHODS: &[&Method] = &[
    &h3_aggregate::H3_AGGREGATE,
    &gi_star::GI_STAR,
    &local_moran::LOCAL_MORAN,
    &fdr::FDR,
    &rates::RATES,
    &dbscan::DBSCAN,
    &st_dbscan::ST_DBSCAN,
    &hdbscan::HDBSCAN,
    &kde::KDE,
    &network_kde::NETWORK_KDE,
    &knox::KNOX,
    &mann_kendall::MANN_KENDALL,
    &emerging::EMERGING,
    &scan::SCAN,
    &road_screening::ROAD_SCREENING,
    &peak_hours::PEAK_HOURS,
    &caller_weighting::CALLER_WEIGHTING,
    &period_change::PERIOD_CHANGE,
    &compare::COMPARE,
];

/// The method of a name, or `None`.
#[must_use]
pub fn method(name: &str) -> Option<&'static Method> {
    METHODS.iter().copied().find(|m| m.name == name)
}
