//! Boxes over what must not be seen on a copy of a photo: faces, plates.
//!
//! Owns: where they are, in pixels of the picture, by finger and by key. Refuses: pixels; `public/photo-worker.js` makes the mosaic.

/// Width and height of a picture, pixels.
pub type Size = (u32, u32);

/// A point, in pixels of the picture or of its box on the screen.
pub type Point = (f64, f64);

/// A tap covers this part of the longer edge: about a face of somebody who stands near.
const TAP_SHARE: f64 = 0.12;
/// A box with both edges below this part of the longer edge was a tap.
const SMALLEST_SHARE: f64 = 0.02;
/// A key moves and grows a box by this part of the longer edge.
const STEP_SHARE: f64 = 0.02;

/// A covered box, in pixels of the picture; not empty and inside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// What a key does to the last box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A new one in the middle.
    Add,
    /// Takes it away.
    Undo,
    /// Moves it by so many steps to the right and down.
    Move(i8, i8),
    /// Makes it larger (1) or smaller (-1).
    Grow(i8),
}

impl Key {
    /// The name that a keyboard event gives it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Enter" | " " => Self::Add,
            "Backspace" | "Delete" => Self::Undo,
            "ArrowLeft" => Self::Move(-1, 0),
            "ArrowRight" => Self::Move(1, 0),
            "ArrowUp" => Self::Move(0, -1),
            "ArrowDown" => Self::Move(0, 1),
            "+" | "=" => Self::Grow(1),
            "-" => Self::Grow(-1),
            _ => return None,
        })
    }
}

/// The boxes of one photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Covers {
    size: Size,
    boxes: Vec<Cover>,
    drawn: Option<(Point, Point)>,
}

impl Covers {
    /// None yet.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self { size: (size.0.max(1), size.1.max(1)), boxes: Vec::new(), drawn: None }
    }

    /// The picture.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// All that are finished, the last one last.
    #[must_use]
    pub fn boxes(&self) -> &[Cover] {
        &self.boxes
    }

    /// All, with the one under the finger.
    #[must_use]
    pub fn shown(&self) -> Vec<Cover> {
        let drawn = self.drawn.map(|(from, to)| self.between(from, to));
        self.boxes.iter().copied().chain(drawn).collect()
    }

    /// The pixel of the picture under a point of its box on the screen: it is drawn whole, in the middle of the box.
    #[must_use]
    pub fn pixel(&self, at: Point, shown: Point) -> Point {
        let (wide, high) = (f64::from(self.size.0), f64::from(self.size.1));
        let scale = (shown.0 / wide).min(shown.1 / high).max(f64::MIN_POSITIVE);
        let place = |at: f64, shown: f64, whole: f64| ((at - (shown - whole * scale) / 2.0) / scale).clamp(0.0, whole);
        (place(at.0, shown.0, wide), place(at.1, shown.1, high))
    }

    /// A finger comes down.
    pub fn begin(&mut self, at: Point) {
        self.drawn = Some((at, at));
    }

    /// It moves.
    pub fn drag(&mut self, at: Point) {
        if let Some((_, to)) = &mut self.drawn {
            *to = at;
        }
    }

    /// It leaves: a box, or for a tap one around it.
    pub fn end(&mut self) {
        let Some((from, to)) = self.drawn.take() else { return };
        let smallest = self.longer() * SMALLEST_SHARE;
        let is_tap = (from.0 - to.0).abs() < smallest && (from.1 - to.1).abs() < smallest;
        self.boxes.push(if is_tap { self.around(to) } else { self.between(from, to) });
    }

    /// The finger was taken for something else: nothing is covered by it.
    pub fn give_up(&mut self) {
        self.drawn = None;
    }

    /// Does what a key says.
    pub fn press(&mut self, key: Key) {
        let step = self.longer() * STEP_SHARE;
        let (last, (wide, high)) = (self.boxes.last().copied(), self.size);
        match key {
            Key::Add => self.boxes.push(self.around((f64::from(self.size.0) / 2.0, f64::from(self.size.1) / 2.0))),
            Key::Undo => drop(self.boxes.pop()),
            Key::Move(right, down) => self.replace_last(last, |from, to| {
                // At an edge of the picture it stops, and keeps its size.
                let by = |low: f64, high: f64, whole: u32, steps: i8| {
                    (f64::from(steps) * step).clamp(-low, (f64::from(whole) - high).max(-low))
                };
                let (x, y) = (by(from.0, to.0, wide, right), by(from.1, to.1, high, down));
                ((from.0 + x, from.1 + y), (to.0 + x, to.1 + y))
            }),
            Key::Grow(steps) => self.replace_last(last, |from, to| {
                let by = f64::from(steps) * step / 2.0;
                let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
                let half = |low: f64, high: f64| ((high - low) / 2.0 + by).max(step);
                let (wide, high) = (half(from.0, to.0), half(from.1, to.1));
                ((middle.0 - wide, middle.1 - high), (middle.0 + wide, middle.1 + high))
            }),
        }
    }

    fn replace_last(&mut self, last: Option<Cover>, change: impl FnOnce(Point, Point) -> (Point, Point)) {
        let Some(last) = last else { return };
        let from = (f64::from(last.x), f64::from(last.y));
        let (from, to) = change(from, (from.0 + f64::from(last.width), from.1 + f64::from(last.height)));
        let changed = self.between(from, to);
        if let Some(last) = self.boxes.last_mut() {
            *last = changed;
        }
    }

    fn longer(&self) -> f64 {
        f64::from(self.size.0.max(self.size.1))
    }

    fn around(&self, at: Point) -> Cover {
        let half = self.longer() * TAP_SHARE / 2.0;
        self.between((at.0 - half, at.1 - half), (at.0 + half, at.1 + half))
    }

    /// The box between two corners, rounded outwards: what was marked is covered to its edge.
    fn between(&self, from: Point, to: Point) -> Cover {
        let edge = |one: f64, other: f64, whole: u32| {
            let low = one.min(other).floor().clamp(0.0, f64::from(whole - 1));
            let high = one.max(other).ceil().clamp(low + 1.0, f64::from(whole));
            (low as u32, (high - low) as u32)
        };
        let ((x, width), (y, height)) = (edge(from.0, to.0, self.size.0), edge(from.1, to.1, self.size.1));
        Cover { x, y, width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cover(x: u32, y: u32, width: u32, height: u32) -> Cover {
        Cover { x, y, width, height }
    }

    #[test]
    fn a_finger_draws_a_box_in_any_direction_and_never_outside_of_the_picture() {
        let mut covers = Covers::new((1000, 500));
        covers.begin((300.2, 200.0));
        covers.drag((100.0, 99.5));
        assert_eq!(covers.shown(), [cover(100, 99, 201, 101)]);
        assert_eq!(covers.boxes(), []);
        covers.end();
        covers.begin((900.0, 450.0));
        covers.drag((1200.0, 700.0));
        covers.end();
        assert_eq!(covers.boxes(), [cover(100, 99, 201, 101), cover(900, 450, 100, 50)]);
        covers.begin((10.0, 10.0));
        covers.give_up();
        covers.end();
        covers.press(Key::Undo);
        assert_eq!(covers.boxes(), [cover(100, 99, 201, 101)]);
    }

    #[test]
    fn a_tap_covers_a_face() {
        let mut covers = Covers::new((1000, 500));
        covers.begin((500.0, 250.0));
        covers.drag((503.0, 251.0));
        covers.end();
        covers.begin((0.0, 500.0));
        covers.end();
        assert_eq!(covers.boxes(), [cover(443, 191, 120, 120), cover(0, 440, 60, 60)]);
    }

    #[test]
    fn keys_do_the_same() {
        let mut covers = Covers::new((1000, 500));
        covers.press(Key::Move(1, 1));
        covers.press(Key::Undo);
        assert_eq!(covers.boxes(), []);
        covers.press(Key::Add);
        assert_eq!(covers.boxes(), [cover(440, 190, 120, 120)]);
        covers.press(Key::Move(-1, 2));
        assert_eq!(covers.boxes(), [cover(420, 230, 120, 120)]);
        covers.press(Key::Grow(1));
        assert_eq!(covers.boxes(), [cover(410, 220, 140, 140)]);
        (0..50).for_each(|_| covers.press(Key::Move(-1, 1)));
        assert_eq!(covers.boxes(), [cover(0, 360, 140, 140)]);
        (0..50).for_each(|_| covers.press(Key::Grow(-1)));
        assert_eq!(covers.boxes()[0].width, 40);
        assert_eq!(
            ["Enter", "ArrowUp", "-", "a"].map(Key::named),
            [Some(Key::Add), Some(Key::Move(0, -1)), Some(Key::Grow(-1)), None]
        );
    }

    #[test]
    fn a_point_on_the_screen_is_a_pixel_of_the_picture() {
        let covers = Covers::new((1000, 500));
        // A box of 400 × 400 shows it at 0.4 with 100 free above and below.
        assert_eq!(covers.pixel((200.0, 200.0), (400.0, 400.0)), (500.0, 250.0));
        assert_eq!(covers.pixel((0.0, 100.0), (400.0, 400.0)), (0.0, 0.0));
        assert_eq!(covers.pixel((400.0, 390.0), (400.0, 400.0)), (1000.0, 500.0));
        let nothing = covers.pixel((1.0, 1.0), (0.0, 0.0));
        assert!(nothing.0.is_finite() && nothing.1.is_finite());
        assert_eq!(Covers::new((0, 0)).size(), (1, 1));
    }
}
