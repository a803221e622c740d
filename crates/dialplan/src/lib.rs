//! From a designer's text to a checked plan.
