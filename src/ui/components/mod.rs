//! The parts of the page, one a file.

mod camera;
mod classes;
mod controls;
mod detail;
mod explain;
mod form;
mod grid;
mod header;
mod heat;
mod picture;
mod problem;
mod reading;
mod strip;
mod tile;

pub use camera::Camera;
pub use classes::Classes;
pub use detail::Detail;
pub use explain::Explain;
pub use grid::Grid;
pub use header::Header;
pub use heat::Heat;
pub use picture::PictureBox;
pub use problem::ProblemCard;
pub use reading::Reading;
pub use strip::Strip;
