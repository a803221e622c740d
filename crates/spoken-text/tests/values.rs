//! Values are understood as people say them, and what is read out is understood again.

use call_model::Language::{self, En, Zh};
use call_model::Phrase;
use proptest::prelude::*;
use spoken_text::{Day, Keyed, Plates, ReadAs, ValueKind, When};

/// A Wednesday.
fn today() -> Day {
    Day::parse("2026-11-25").expect("a day")
}

const LETTERS: ValueKind = ValueKind::Letters { min: 2, max: 6 };

#[test]
fn days_are_understood_as_people_say_them() {
    use When::{Any, Future, Past};
    let table = [
        (En, Past, "the third of october", "2026-10-03"),
        (En, Past, "October twenty-fifth", "2026-10-25"),
        (En, Past, "it was on october 25", "2026-10-25"),
        (En, Past, "25 October 2019", "2019-10-25"),
        (En, Past, "december the first", "2025-12-01"),
        (En, Future, "december the first", "2026-12-01"),
        (En, Any, "december the first", "2026-12-01"),
        (En, Any, "february twenty ninth", "2028-02-29"),
        (En, Past, "may fifth nineteen eighty five", "1985-05-05"),
        (En, Past, "may fifth two thousand and six", "2006-05-05"),
        (En, Past, "the fifth of may ninety nine", "1999-05-05"),
        (En, Past, "um yesterday", "2026-11-24"),
        (En, Past, "the day before yesterday", "2026-11-23"),
        (En, Past, "yesterday at half past nine", "2026-11-24"),
        (En, Past, "I lost it yesterday in the park", "2026-11-24"),
        (En, Past, "three days ago", "2026-11-22"),
        (En, Future, "in a week", "2026-12-02"),
        (En, Past, "last Friday", "2026-11-20"),
        (En, Past, "on monday", "2026-11-23"),
        (En, Past, "wednesday", "2026-11-25"),
        (En, Past, "last wednesday", "2026-11-18"),
        (En, Future, "next wednesday", "2026-12-02"),
        (En, Future, "friday please", "2026-11-27"),
        (En, Any, "saturday", "2026-11-28"),
        (En, Any, "sunday", "2026-11-22"),
        (En, Past, "the third", "2026-11-03"),
        (En, Future, "the third", "2026-12-03"),
        (En, Past, "the thirty first", "2026-10-31"),
        (Zh, Past, "十月二十五号", "2026-10-25"),
        (Zh, Past, "十月二十五", "2026-10-25"),
        (Zh, Past, "10月25日", "2026-10-25"),
        (Zh, Past, "是十二月一号", "2025-12-01"),
        (Zh, Past, "二零一九年十月三号", "2019-10-03"),
        (Zh, Past, "2019年10月3日", "2019-10-03"),
        (Zh, Past, "八五年五月五号", "1985-05-05"),
        (Zh, Past, "去年十月三号", "2025-10-03"),
        (Zh, Past, "昨天", "2026-11-24"),
        (Zh, Past, "呃，前天", "2026-11-23"),
        (Zh, Past, "大前天", "2026-11-22"),
        (Zh, Past, "昨天晚上八点", "2026-11-24"),
        (Zh, Past, "我昨天在公园丢的", "2026-11-24"),
        (Zh, Past, "两天前", "2026-11-23"),
        (Zh, Past, "上周五", "2026-11-20"),
        (Zh, Past, "上個星期三", "2026-11-18"),
        (Zh, Past, "星期一", "2026-11-23"),
        (Zh, Future, "下周三", "2026-12-02"),
        (Zh, Future, "后天", "2026-11-27"),
        (Zh, Future, "下个月三号", "2026-12-03"),
        (Zh, Past, "三号", "2026-11-03"),
    ];
    for (language, when, text, wanted) in table {
        let found = ValueKind::Date(when).understand(text, language, today());
        assert_eq!(found.as_deref(), Some(wanted), "{text}");
    }
}

#[test]
fn what_is_no_day_or_on_the_wrong_side_or_more_than_one_is_none() {
    use When::{Future, Past};
    for (language, when, text) in [
        (En, Past, "tomorrow"),
        (En, Future, "yesterday"),
        (En, Past, "february thirtieth"),
        (En, Past, "october third or october fourth"),
        (En, Past, "a person please"),
        (En, Past, ""),
        (Zh, Past, "明天"),
        (Zh, Past, "二月三十号"),
        (Zh, Past, "十月三号还是四号"),
        (Zh, Past, "转人工"),
        (Zh, Future, "昨天"),
    ] {
        let found = ValueKind::Date(when).understand(text, language, today());
        assert_eq!(found, None, "{text}");
    }
}

#[test]
fn times_are_understood_as_people_say_them() {
    let table = [
        (En, "half past nine", Some("09:30")),
        (En, "half nine", Some("09:30")),
        (En, "nine thirty", Some("09:30")),
        (En, "nine thirty pm", Some("21:30")),
        (En, "9:30 p.m.", Some("21:30")),
        (En, "twelve fifty", Some("12:50")),
        (En, "nine oh five", Some("09:05")),
        (En, "a quarter to eight in the evening", Some("19:45")),
        (En, "quarter past seven", Some("07:15")),
        (En, "ten minutes past one", Some("01:10")),
        (En, "ten to twelve at night", Some("23:50")),
        (En, "at three o'clock in the afternoon", Some("15:00")),
        (En, "three in the afternoon", Some("15:00")),
        (En, "fifteen forty", Some("15:40")),
        (En, "noon", Some("12:00")),
        (En, "midnight", Some("00:00")),
        (En, "twelve thirty am", Some("00:30")),
        (En, "yesterday at half past nine", Some("09:30")),
        (En, "around six", Some("06:00")),
        (En, "one agent please", None),
        (En, "yesterday", None),
        (Zh, "九点半", Some("09:30")),
        (Zh, "晚上九点半", Some("21:30")),
        (Zh, "下午两点", Some("14:00")),
        (Zh, "下午三点一刻", Some("15:15")),
        (Zh, "昨天晚上八点", Some("20:00")),
        (Zh, "凌晨零点五分", Some("00:05")),
        (Zh, "晚上十二点", Some("00:00")),
        (Zh, "中午十二点二十", Some("12:20")),
        (Zh, "中午一点", Some("13:00")),
        (Zh, "差五分八点", Some("07:55")),
        (Zh, "八点零五", Some("08:05")),
        (Zh, "大概十五点四十分", Some("15:40")),
        (Zh, "21:30", Some("21:30")),
        (Zh, "上午十点整", Some("10:00")),
        (Zh, "转人工", None),
    ];
    for (language, text, wanted) in table {
        let found = ValueKind::Time.understand(text, language, today());
        assert_eq!(found.as_deref(), wanted, "{text}");
    }
}

#[test]
fn amounts_are_understood_as_people_say_them() {
    let table = [
        (En, "twelve fifty", Some("12.50")),
        (En, "12.50", Some("12.50")),
        (En, "£1,200.50", Some("1200.50")),
        (En, "twelve dollars and fifty cents", Some("12.50")),
        (En, "twelve dollars fifty", Some("12.50")),
        (En, "twelve oh five", Some("12.05")),
        (En, "twelve point five", Some("12.50")),
        (En, "twelve point five zero", Some("12.50")),
        (En, "a hundred and five dollars", Some("105.00")),
        (En, "one hundred five fifty", Some("105.50")),
        (En, "um, it's about two hundred", Some("200.00")),
        (En, "twelve hundred dollars", Some("1200.00")),
        (
            En,
            "three thousand four hundred and fifty six",
            Some("3456.00"),
        ),
        (En, "a thousand", Some("1000.00")),
        (En, "two point five million euros", Some("2500000.00")),
        (En, "fifty cents", Some("0.50")),
        (En, "a dollar fifty", Some("1.50")),
        (
            En,
            "I want to send two hundred dollars to my mother",
            Some("200.00"),
        ),
        (En, "zero", Some("0.00")),
        (En, "one agent please", None),
        (En, "twelve fifty dollars", None),
        (En, "ten dollars or twenty dollars", None),
        (En, "one two three four", None),
        (En, "twelve point five oh three", None),
        (En, "a person", None),
        (En, "", None),
        (Zh, "一千二", Some("1200.00")),
        (Zh, "三百五", Some("350.00")),
        (Zh, "一万二", Some("12000.00")),
        (Zh, "一百零五", Some("105.00")),
        (Zh, "三百五十块五毛", Some("350.50")),
        (Zh, "两百块", Some("200.00")),
        (Zh, "十二块五", Some("12.50")),
        (Zh, "十二塊五毛三分錢", Some("12.53")),
        (Zh, "十二块零五分", Some("12.05")),
        (Zh, "五毛", Some("0.50")),
        (Zh, "五分钱", Some("0.05")),
        (Zh, "五块半", Some("5.50")),
        (Zh, "十二点五元", Some("12.50")),
        (Zh, "12.50", Some("12.50")),
        (Zh, "1,200元", Some("1200.00")),
        (Zh, "一点二万", Some("12000.00")),
        (Zh, "3块5", Some("3.50")),
        (Zh, "一千两百三十四块五毛六", Some("1234.56")),
        (Zh, "三万零五百", Some("30500.00")),
        (Zh, "呃，大概是一万两千块钱吧", Some("12000.00")),
        (Zh, "人民币五十元整", Some("50.00")),
        (Zh, "我要转两百块给我妈", Some("200.00")),
        (Zh, "零", Some("0.00")),
        (Zh, "三五百块", None),
        (Zh, "一二三四", None),
        (Zh, "十块还是二十块", None),
        (Zh, "五分钟", None),
        (Zh, "等一下", None),
        (Zh, "转人工", None),
    ];
    for (language, text, wanted) in table {
        let found = ValueKind::Amount.understand(text, language, today());
        assert_eq!(found.as_deref(), wanted, "{text}");
    }
}

#[test]
fn letters_are_understood_as_people_spell_them() {
    let table = [
        (En, "b m w", Some("BMW")),
        (En, "BMW", Some("BMW")),
        (En, "B.M.W.", Some("BMW")),
        (
            En,
            "it's b as in boy, m for mike, and w like whisky",
            Some("BMW"),
        ),
        (
            En,
            "it's b as in boy, m for mike, w like whisky",
            Some("BMW"),
        ),
        (En, "bravo mike whiskey", Some("BMW")),
        (En, "x-ray, um, yankee, zed", Some("XYZ")),
        (En, "I think it's a double s e", Some("ASSE")),
        (En, "double u, o, w", Some("WOW")),
        (En, "b", None),
        (En, "a b c d e f g", None),
        (En, "b m two", None),
        (En, "a person please", None),
        (Zh, "BMW", Some("BMW")),
        (Zh, "我的是 b m w", Some("BMW")),
        (Zh, "必艾姆达不溜", Some("BMW")),
        (Zh, "艾克斯歪贼", Some("XYZ")),
        (Zh, "爱阿尔艾尔", Some("IRL")),
        (Zh, "转人工", None),
    ];
    for (language, text, wanted) in table {
        let found = LETTERS.understand(text, language, today());
        assert_eq!(found.as_deref(), wanted, "{text}");
    }
}

#[test]
fn plates_are_understood_as_people_tell_them() {
    use Plates::{Any, Zh as Chinese};
    let table = [
        (Zh, Chinese, "粤B12345", Some("粤B12345")),
        (Zh, Chinese, "粤B·D1234F", Some("粤BD1234F")),
        (Zh, Chinese, "粤B幺二三四五", Some("粤B12345")),
        (Zh, Chinese, "车牌是粤必幺二三四五", Some("粤B12345")),
        (Zh, Chinese, "京A.八八八艾弗弟零", Some("京A888FD0")),
        (Zh, Chinese, "粤B1234学", Some("粤B1234学")),
        (Zh, Chinese, "粤B1234", None),
        (Zh, Chinese, "B12345", None),
        (Zh, Chinese, "粤B一二三四五六七", None),
        (
            En,
            Chinese,
            "guangdong b one two three four five",
            Some("粤B12345"),
        ),
        (
            En,
            Chinese,
            "Beijing, A, double eight, eight f d",
            Some("京A888FD"),
        ),
        (En, Any, "a b c one two three", Some("ABC123")),
        (En, Any, "it's ABC-123", Some("ABC123")),
        (En, Any, "b as in bravo, forty two, x", Some("B42X")),
        (En, Any, "my plate is ab12 cde", Some("AB12CDE")),
        (En, Any, "one agent please", None),
        (Zh, Any, "ABC123", Some("ABC123")),
        (Zh, Any, "A.必西幺二三", Some("ABC123")),
        (Zh, Any, "转人工", None),
    ];
    for (language, of, text, wanted) in table {
        let found = ValueKind::Plate(of).understand(text, language, today());
        assert_eq!(found.as_deref(), wanted, "{text}");
    }
}

#[test]
fn keys_enter_amounts_with_a_star_for_the_point() {
    let value = |value: &str, can_continue| {
        Some(Keyed::Value {
            value: value.to_owned(),
            can_continue,
        })
    };
    for (keys, wanted) in [
        ("12", value("12.00", true)),
        ("12*", Some(Keyed::Beginning)),
        ("12*5", value("12.50", true)),
        ("12*50", value("12.50", false)),
        ("*05", value("0.05", false)),
        ("0", Some(Keyed::Beginning)),
        ("12*505", None),
        ("12*5*", None),
        ("1234567890", None),
        ("12#", None),
    ] {
        assert_eq!(
            ValueKind::Amount.of_keys(keys, En, today()),
            wanted,
            "{keys}"
        );
    }
}

#[test]
fn keys_enter_days_in_the_order_of_the_language_and_times_of_24_hours() {
    let value = |value: &str| {
        Some(Keyed::Value {
            value: value.to_owned(),
            can_continue: false,
        })
    };
    let date = ValueKind::Date(When::Past);
    for (kind, language, keys, wanted) in [
        (date, En, "11242026", value("2026-11-24")),
        (date, Zh, "20261124", value("2026-11-24")),
        (date, En, "1124", Some(Keyed::Beginning)),
        (date, En, "20261124", None),
        (date, Zh, "20261126", None),
        (date, Zh, "20260230", None),
        (date, Zh, "2026112*", None),
        (ValueKind::Time, En, "2130", value("21:30")),
        (ValueKind::Time, En, "21", Some(Keyed::Beginning)),
        (ValueKind::Time, Zh, "2460", None),
        (ValueKind::Time, Zh, "", None),
    ] {
        assert_eq!(kind.of_keys(keys, language, today()), wanted, "{keys}");
    }
}

#[test]
fn values_are_read_out_as_people_say_them() {
    let date = ValueKind::Date(When::Any);
    for (kind, language, value, wanted) in [
        (
            date,
            En,
            "2026-11-25",
            Some("November twenty fifth, twenty twenty six"),
        ),
        (
            date,
            En,
            "2005-01-03",
            Some("January third, two thousand five"),
        ),
        (date, Zh, "2026-10-02", Some("二零二六年十月二号")),
        (date, Zh, "unknown", None),
        (ValueKind::Time, En, "21:30", Some("nine thirty at night")),
        (
            ValueKind::Time,
            En,
            "08:00",
            Some("eight o'clock in the morning"),
        ),
        (ValueKind::Time, Zh, "14:05", Some("下午两点零五分")),
        (ValueKind::Time, Zh, "20:30", Some("晚上八点半")),
        (ValueKind::Time, Zh, "25:00", None),
        (
            ValueKind::Amount,
            En,
            "1200",
            Some("one thousand two hundred"),
        ),
        (
            ValueKind::Amount,
            En,
            "12.5",
            Some("twelve point five zero"),
        ),
        (
            ValueKind::Amount,
            En,
            "-0.05",
            Some("minus zero point zero five"),
        ),
        (ValueKind::Amount, Zh, "2.00", Some("两")),
        (ValueKind::Amount, Zh, "2.50", Some("二点五")),
        (
            ValueKind::Amount,
            Zh,
            "12012.05",
            Some("一万两千零一十二点零五"),
        ),
        (ValueKind::Amount, Zh, "1,050", Some("一千零五十")),
        (ValueKind::Amount, Zh, "many", None),
        (
            ValueKind::Plate(Plates::Zh),
            Zh,
            "粤B12345",
            Some("粤B、一二三四五"),
        ),
        (
            ValueKind::Plate(Plates::Zh),
            En,
            "粤B12345",
            Some("Guangdong, B, one two three four five"),
        ),
        (ValueKind::Plate(Plates::Any), En, "b4-2", None),
        (LETTERS, En, "BMW", Some("B, M, W")),
        (LETTERS, Zh, "BMW", Some("B、M、W")),
        (LETTERS, Zh, "", None),
    ] {
        assert_eq!(
            kind.read_as().read(value, language).as_deref(),
            wanted,
            "{value}"
        );
    }
}

/// Something that a phrase accepts, by dice.
fn say(phrase: &Phrase, dice: &mut impl FnMut(usize) -> usize, said: &mut Vec<String>) {
    match phrase {
        Phrase::Word(word) => said.push(word.clone()),
        Phrase::Sequence(parts) => parts.iter().for_each(|part| say(part, dice, said)),
        Phrase::OneOf(parts) => {
            if let Some(part) = parts.get(dice(parts.len())) {
                say(part, dice, said);
            }
        }
        Phrase::Optional(part) => {
            if dice(2) == 1 {
                say(part, dice, said);
            }
        }
        Phrase::Repeat { of, min, max } => {
            let times = usize::from(*min) + dice(usize::from(max - min) + 1);
            (0..times).for_each(|_| say(of, dice, said));
        }
    }
}

/// Something that an ear may hear of a kind of value.
fn heard(kind: ValueKind, language: Language, seed: u64) -> String {
    let mut state = seed | 1;
    let mut dice = |sides: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap_or_default() % sides.max(1)
    };
    let mut said = Vec::new();
    say(&kind.phrase(language), &mut dice, &mut said);
    said.join(match language {
        En => " ",
        Zh => "",
    })
}

/// An English hour alone with a day right after it.
fn bare_hour_before_day(said: &str) -> bool {
    let words: Vec<&str> = said.split(' ').collect();
    (1..words.len()).any(|at| {
        let (hour, day) = (words[..at].join(" "), words[at..].join(" "));
        let hour = ValueKind::Time.understand(&hour, En, today());
        let day = ValueKind::Date(When::Any).understand(&day, En, today());
        hour.is_some_and(|hour| hour.ends_with(":00")) && day.is_some()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_day_read_out_is_understood_again(day in -25_567_i64..47_482) {
        let value = Day(day).to_string();
        for language in Language::ALL {
            let kind = ValueKind::Date(When::Any);
            let said = kind.read_as().read(&value, language).expect("words");
            prop_assert_eq!(kind.understand(&said, language, today()), Some(value.clone()), "{}", said);
        }
    }

    #[test]
    fn a_time_read_out_is_understood_again(hour in 0_u32..24, minute in 0_u32..60) {
        let value = format!("{hour:02}:{minute:02}");
        for language in Language::ALL {
            let said = ReadAs::Time.read(&value, language).expect("words");
            let found = ValueKind::Time.understand(&said, language, today());
            prop_assert_eq!(found, Some(value.clone()), "{}", said);
        }
    }

    #[test]
    fn nothing_that_is_heard_of_a_time_is_without_meaning(seed in any::<u64>()) {
        for language in Language::ALL {
            let said = heard(ValueKind::Time, language, seed);
            let found = ValueKind::Time.understand(&said, language, today());
            // Noon has no five o'clock, and "two november second" begins with a day or an hour.
            let is_unclear = said.contains("中午") || bare_hour_before_day(&said);
            prop_assert!(found.is_some() || is_unclear, "{}", said);
        }
    }

    #[test]
    fn an_amount_read_out_is_understood_again(cents in prop_oneof![0_u64..100_000, 0_u64..99_999_999_999]) {
        let value = format!("{}.{:02}", cents / 100, cents % 100);
        for language in Language::ALL {
            let said = ReadAs::Amount.read(&value, language).expect("words");
            let found = ValueKind::Amount.understand(&said, language, today());
            prop_assert_eq!(found, Some(value.clone()), "{}", said);
        }
    }

    #[test]
    fn nothing_that_is_heard_of_an_amount_is_without_meaning(seed in any::<u64>()) {
        for language in Language::ALL {
            let said = heard(ValueKind::Amount, language, seed);
            let found = ValueKind::Amount.understand(&said, language, today());
            prop_assert!(found.is_some(), "{}", said);
        }
    }

    #[test]
    fn what_is_spelt_is_understood_again(
        letters in "[A-Z]{2,6}",
        plate in "[京粤桂][A-Z][A-Z0-9]{4,5}[A-Z0-9学挂]",
        any in "[A-Z0-9]{2,8}",
    ) {
        for language in Language::ALL {
            let spelt = [
                (LETTERS, &letters),
                (ValueKind::Plate(Plates::Zh), &plate),
                (ValueKind::Plate(Plates::Any), &any),
            ];
            for (kind, value) in spelt {
                let said = kind.read_as().read(value, language).expect("words");
                let found = kind.understand(&said, language, today());
                let is_zh = language == Zh || !value.ends_with(['学', '挂']);
                prop_assert!(found.as_ref() == Some(value) || !is_zh, "{}", said);
            }
        }
    }

    #[test]
    fn nothing_that_is_heard_spelt_is_without_meaning(seed in any::<u64>()) {
        let kinds = [
            LETTERS,
            ValueKind::Plate(Plates::Any),
            ValueKind::Plate(Plates::Zh),
        ];
        for (kind, language) in kinds.into_iter().zip([En, Zh].into_iter().cycle().skip(usize::from(seed % 2 == 0))) {
            let said = heard(kind, language, seed);
            let found = kind.understand(&said, language, today());
            prop_assert!(found.is_some(), "{}", said);
        }
    }

    #[test]
    fn any_text_may_come(text in ".{0,40}") {
        for language in Language::ALL {
            for kind in [
                ValueKind::Date(When::Any),
                ValueKind::Time,
                ValueKind::Amount,
                LETTERS,
                ValueKind::Plate(Plates::Zh),
                ValueKind::Plate(Plates::Any),
            ] {
                let _ = kind.understand(&text, language, today());
                let _ = kind.read_as().read(&text, language);
                let _ = kind.of_keys(&text, language, today());
            }
        }
    }
}
