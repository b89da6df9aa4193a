//! Parts that pages share. They take props and know neither routes nor the engine.

pub mod banners;
pub mod conflicts;
pub mod delivery;
pub mod facts;
pub mod hand_over;
pub mod icon;
pub mod lamp_chip;
pub mod photo_grid;
pub mod place_card;
pub mod problem;
pub mod record_item;
pub mod relay;
pub mod shell;
pub mod story;
pub mod thumb;
pub mod toast;
pub mod virtual_list;
