//! `cargo xtask icons`: builds the icon sprite from Tabler's outline icons, and the app icons from our own mark.
//!
//! The results are committed, so only someone who adds an icon runs this. It refuses a name that Tabler does not have
//! and a category of the city package whose icon is not in the sprite.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::process::{At, Failure, Outcome, Program, step};
use crate::setup::{self, Need};
use crate::toolchain::Places;

/// The pinned source of the icons (MIT licence).
const PACKAGE: &str = "@tabler/icons@3.51.0";
const ARCHIVE: &str = "tabler-icons-3.51.0.tgz";

/// Icons of the interface. Icons of categories and groups come from `city/icons.json`.
const NAMES: &[&str] = &[
    "alert-circle",
    "alert-octagon",
    "alert-triangle",
    "arrow-back-up",
    "arrow-left",
    "axe",
    "ban",
    "barrier-block",
    "bell",
    "bolt",
    "bug",
    "building-castle",
    "building-factory-2",
    "bulldozer",
    "butterfly",
    "cactus",
    "calendar",
    "camera",
    "camera-off",
    "campfire",
    "car",
    "check",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "circle",
    "circle-check",
    "circle-x",
    "clock",
    "cloud",
    "cloud-check",
    "cloud-off",
    "cloud-upload",
    "compass",
    "contrast",
    "copy",
    "current-location",
    "database",
    "deer",
    "device-desktop",
    "device-mobile",
    "dots",
    "dots-vertical",
    "download",
    "drone",
    "droplet",
    "edit",
    "external-link",
    "eye",
    "eye-off",
    "feather",
    "fence",
    "file-text",
    "filter",
    "first-aid-kit",
    "fish",
    "flag",
    "flame",
    "flask",
    "gavel",
    "git-merge",
    "heartbeat",
    "help",
    "history",
    "home",
    "home-off",
    "horse-toy",
    "id-badge-2",
    "inbox",
    "info-circle",
    "key",
    "language",
    "leaf",
    "list-details",
    "loader-2",
    "lock",
    "logout",
    "map-2",
    "map-pin",
    "map-pin-off",
    "menu-2",
    "message",
    "messages",
    "microphone",
    "minus",
    "moon",
    "motorbike",
    "mountain",
    "paw",
    "phone",
    "photo",
    "photo-off",
    "photo-plus",
    "pick",
    "plant",
    "plant-2",
    "player-pause",
    "player-play",
    "player-stop",
    "plus",
    "question-mark",
    "recycle",
    "refresh",
    "ripple",
    "road",
    "rotate-clockwise",
    "route",
    "search",
    "seedling",
    "send",
    "settings",
    "share",
    "shield",
    "shield-check",
    "ship",
    "shovel",
    "skull",
    "snowflake",
    "sort-descending",
    "sun",
    "tent",
    "text-size",
    "tool",
    "trash",
    "trash-x",
    "tree",
    "trees",
    "truck",
    "upload",
    "user",
    "user-circle",
    "user-plus",
    "users",
    "volume",
    "walk",
    "wifi",
    "wifi-off",
    "wind",
    "windmill",
    "x",
];

/// Our own pictures and the sizes they are drawn in: source, result, edge in pixels.
const APP_ICONS: [(&str, &str, u32); 4] = [
    ("icon.svg", "icon-192.png", 192),
    ("icon.svg", "icon-512.png", 512),
    ("maskable.svg", "maskable-512.png", 512),
    ("maskable.svg", "apple-touch-180.png", 180),
];

/// Rebuilds `public/icons.svg` and the PNG files in `public/icons/`.
pub(crate) fn build(places: &Places) -> Outcome<()> {
    setup::ensure(places, &[Need::Browser])?;
    let outline = step("fetching the icons", || fetch(places))?;
    let mut names = NAMES.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    names.extend(city_icons(places)?);
    let sprite = sprite(&outline, &names)?;
    let target = places.root.join("public/icons.svg");
    fs::write(&target, &sprite).at(&target)?;
    println!("public/icons.svg: {} icons, {:.1} KB", names.len(), sprite.len() as f64 / 1e3);
    for (source, result, edge) in APP_ICONS {
        draw(places, source, result, edge)?;
    }
    Ok(())
}

/// Unpacks the package below `target/` once and gives the folder of the outline icons.
fn fetch(places: &Places) -> Outcome<std::path::PathBuf> {
    let folder = places.target.join("icons");
    let outline = folder.join("package/icons/outline");
    if !folder.join(ARCHIVE).is_file() || !outline.is_dir() {
        fs::create_dir_all(&folder).at(&folder)?;
        Program::new("fetching the icons", "npm").args(["pack", "--silent", PACKAGE]).dir(&folder).run_quietly()?;
        Program::new("unpacking the icons", "tar").args(["xzf", ARCHIVE]).dir(&folder).run_quietly()?;
    }
    Ok(outline)
}

fn city_icons(places: &Places) -> Outcome<BTreeSet<String>> {
    let path = places.root.join("city/icons.json");
    let text = fs::read_to_string(&path).at(&path)?;
    let value: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::Content { path: path.clone(), problem: error.to_string() })?;
    let maps = ["categories", "groups"].iter().filter_map(|part| value[part].as_object());
    Ok(maps.flat_map(|map| map.values()).filter_map(Value::as_str).map(str::to_owned).collect())
}

fn sprite(outline: &Path, names: &BTreeSet<String>) -> Outcome<String> {
    let mut sprite = String::from("<!-- Tabler Icons, MIT licence, built by `cargo xtask icons` -->\n");
    sprite.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\">\n");
    for name in names {
        let path = outline.join(format!("{name}.svg"));
        let svg = fs::read_to_string(&path).at(&path)?;
        // Writing to a string cannot fail.
        let _ = writeln!(
            sprite,
            "<symbol id=\"{name}\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" \
             stroke-linecap=\"round\" stroke-linejoin=\"round\">{}</symbol>",
            shapes(&svg)
        );
    }
    sprite.push_str("</svg>\n");
    Ok(sprite)
}

/// The shapes of an icon on one line, without the invisible square that Tabler puts first.
fn shapes(svg: &str) -> String {
    let body = svg.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</svg>")).map_or("", |(body, _)| body);
    let lines = body.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains("M0 0h24v24H0z"));
    lines.map(|line| line.replace(" />", "/>")).collect()
}

/// Draws one of our pictures with the browser that the tests use.
fn draw(places: &Places, source: &str, result: &str, edge: u32) -> Outcome<()> {
    let browser = setup::browser()
        .ok_or_else(|| Failure::ByHand { what: "a Chromium browser".into(), how: "apt-get install chromium".into() })?;
    let folder = places.root.join("public/icons");
    let page = places.target.join("icons/page.html");
    let picture = folder.join(source);
    let html = format!(
        "<style>*{{margin:0}}img{{display:block;width:{edge}px;height:{edge}px}}</style><img src=\"file://{}\">",
        picture.display()
    );
    fs::write(&page, html).at(&page)?;
    let target = folder.join(result);
    // Small windows are widened by the browser, so the picture is taken large and cut by the viewport's own scale.
    Program::new("drawing an app icon", browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"])
        .args(["--default-background-color=00000000".to_owned(), format!("--window-size={edge},{edge}")])
        .args([format!("--screenshot={}", target.display()), format!("file://{}", page.display())])
        .run_quietly()?;
    println!("public/icons/{result}: {edge} × {edge}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(NAMES.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_symbol_keeps_the_shapes_and_loses_the_frame() {
        let svg = "<svg\n  class=\"icon\"\n>\n  <path stroke=\"none\" d=\"M0 0h24v24H0z\" fill=\"none\" />\n  \
                   <path d=\"M5 12h14\" />\n</svg>";
        assert_eq!(shapes(svg), "<path d=\"M5 12h14\"/>");
    }
}
