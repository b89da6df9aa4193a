//! What plays: the moment that is shown, how fast it moves on, and where on the line of time it stands.

/// How many times as fast as it was.
pub const SPEEDS: [i64; 4] = [1, 10, 60, 600];
/// How often the picture moves on, ms.
pub const TICK_MILLIS: u32 = 250;
/// The same for those who want no motion: steps, each of a second.
pub const CALM_TICK_MILLIS: u32 = 1_000;
/// A step of the slider is at least this, s.
const LEAST_STEP: i64 = 10;
/// So many steps are about enough to get through with the keyboard.
const STEPS: i64 = 240;

/// The player.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Player {
    /// What is shown, ms since 1970.
    pub at_millis: i64,
    /// How many times as fast as it was.
    pub speed: i64,
    /// Whether it moves on.
    pub is_playing: bool,
    /// Begin and end, ms since 1970; `None` before there is anything to show.
    span: Option<(i64, i64)>,
}

impl Default for Player {
    fn default() -> Self {
        Self { at_millis: 0, speed: 60, is_playing: false, span: None }
    }
}

impl Player {
    /// Takes a film of this span. One that grew meanwhile goes on where it was.
    pub fn take(&mut self, from_millis: i64, until_millis: i64) {
        if self.span.is_none() {
            self.at_millis = from_millis;
        }
        self.span = Some((from_millis, until_millis.max(from_millis)));
        self.seek(self.at_millis);
    }

    /// Shows another moment.
    pub fn seek(&mut self, at_millis: i64) {
        if let Some((from, until)) = self.span {
            self.at_millis = at_millis.clamp(from, until);
        }
    }

    /// So much time went by.
    pub fn tick(&mut self, millis: u32) {
        if self.is_playing {
            self.seek(self.at_millis.saturating_add(i64::from(millis).saturating_mul(self.speed)));
            self.is_playing = !self.is_over();
        }
    }

    /// The button: plays or rests; at the end it begins anew.
    pub fn turn(&mut self) {
        if !self.is_playing && self.is_over() {
            self.seek(i64::MIN);
        }
        self.is_playing = !self.is_playing;
    }

    fn is_over(&self) -> bool {
        self.span.is_none_or(|(_, until)| self.at_millis >= until)
    }

    /// The slider: its step, its end and where it stands, in s after the begin.
    #[must_use]
    pub fn slider(&self) -> Slider {
        let (from, until) = self.span.unwrap_or_default();
        let seconds = until.saturating_sub(from) / 1_000;
        let step = match seconds / STEPS {
            ..LEAST_STEP => LEAST_STEP,
            LEAST_STEP..30 => 30,
            rough => (rough + 59) / 60 * 60,
        };
        let most = seconds.saturating_add(step - 1) / step * step;
        Slider { step, most, value: self.at_millis.saturating_sub(from) / 1_000 }
    }

    /// The slider was moved to so many seconds.
    pub fn slide(&mut self, seconds: i64) {
        if let Some((from, _)) = self.span {
            self.seek(from.saturating_add(seconds.saturating_mul(1_000)));
        }
    }
}

/// Where the slider stands, in s after the begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slider {
    /// How far one key leads.
    pub step: i64,
    /// Its end: a whole number of steps, so that the end of the film can be reached.
    pub most: i64,
    /// Where it stands.
    pub value: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player(minutes: i64) -> Player {
        let mut player = Player::default();
        player.take(5_000, 5_000 + minutes * 60_000);
        player
    }

    #[test]
    fn it_plays_to_its_end_and_from_there_begins_anew() {
        let mut player = player(2);
        player.tick(250);
        assert_eq!(player.at_millis, 5_000, "it rests");
        player.turn();
        player.tick(250);
        assert_eq!(player.at_millis, 20_000, "a minute a second");
        player.speed = 600;
        player.tick(1_000);
        assert!(player.at_millis == 125_000 && !player.is_playing);
        player.turn();
        assert!(player.at_millis == 5_000 && player.is_playing);
        player.turn();
        assert!(!player.is_playing);
    }

    #[test]
    fn a_film_that_grew_goes_on_where_it_was() {
        let mut player = player(10);
        player.seek(65_000);
        player.take(0, 900_000);
        assert_eq!((player.at_millis, player.slider().value), (65_000, 65));
        player.take(100_000, 900_000);
        assert_eq!(player.at_millis, 100_000, "what is no part of it is not shown");
    }

    #[test]
    fn the_keyboard_gets_through_a_short_and_a_long_one_and_reaches_the_end() {
        let sliders = [1, 36, 90, 8 * 60, 24 * 60].map(|minutes| player(minutes).slider());
        assert_eq!(sliders.map(|slider| slider.step), [10, 10, 30, 120, 360]);
        for (minutes, slider) in [1, 36, 90, 8 * 60, 24 * 60].into_iter().zip(sliders) {
            assert!(slider.most >= minutes * 60 && slider.most % slider.step == 0);
        }
        let mut player = player(36);
        player.slide(40);
        assert_eq!(player.at_millis, 45_000);
        player.slide(i64::MAX);
        assert_eq!(player.at_millis, 5_000 + 36 * 60_000);
    }

    #[test]
    fn before_there_is_a_film_nothing_moves() {
        let mut player = Player::default();
        player.turn();
        player.tick(250);
        assert!(!player.is_playing && player.at_millis == 0);
        assert_eq!(player.slider(), Slider { step: 10, most: 0, value: 0 });
    }
}
