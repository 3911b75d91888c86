//! One integration binary: rules of the rooms, journeys through the doors, laws of the house.

mod architecture;
mod licences;
mod support;
