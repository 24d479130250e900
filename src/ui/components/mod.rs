//! The parts of the page, one a file.

mod board;
mod camera;
mod classes;
mod controls;
mod curve;
mod depth;
mod detail;
mod explain;
mod facts;
mod film;
mod form;
mod grid;
mod header;
mod heat;
mod picture;
mod plot;
mod problem;
mod reading;
mod sankey;
mod second;
mod sprite;
mod strip;
mod tile;

pub use board::Board;
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
