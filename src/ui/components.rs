//! Parts that pages share. They take props and know neither routes nor the engine.

pub mod banners;
pub mod conflicts;
pub mod delivery;
pub mod facts;
pub mod hand_over;
pub mod hold_button;
pub mod icon;
pub mod lamp_chip;
pub mod modes;
pub mod near_hint;
pub mod other_half;
pub mod photo_grid;
pub mod place_card;
pub mod problem;
pub mod record_item;
pub mod relay;
pub mod room_note;
pub mod share_box;
pub mod shell;
pub mod sos_banner;
pub mod story;
pub mod thumb;
pub mod toast;
pub mod track_drawing;
pub mod virtual_list;
pub mod voice_list;
