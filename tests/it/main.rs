//! One integration binary: rules of the rooms, journeys through the doors, laws of the house.

mod support;
