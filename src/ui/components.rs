//! Parts that pages share. They take props and know neither routes nor the engine.

pub mod banners;
pub mod conflicts;
pub mod delivery;
pub mod facts;
pub mod hand_over;
pub mod icon;
pub mod lamp_chip;
pub mod other_half;
pub mod photo_grid;
pub mod problem;
pub mod record_item;
pub mod relay;
pub mod shell;
pub mod sos_banner;
pub mod story;
pub mod thumb;
pub mod toast;
pub mod virtual_list;
