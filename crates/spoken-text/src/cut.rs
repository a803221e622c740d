//! Cutting text into words.

use crate::normalise::{is_han, normalise};
use call_model::Language;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The longest Chinese word that is looked for, in characters.
const WORD_MAX: usize = 6;

/// Chinese words of more than one character that callers of a service desk use;
/// characters that make none of them stand alone.
const CHINESE_WORDS: &str = "\
    人工 转人工 真人 客服 客服专员 专员 服务 服务员 话务员 接线员 经理 领导 投诉 举报 赔偿 赔钱 \
    理赔 律师 起诉 法院 消协 消费者 协会 曝光 媒体 记者 报警 警察 欺诈 骗子 垃圾 退款 退货 退钱 \
    查询 查一下 查 订单 状态 进度 物流 快递 发货 送货 到货 地址 号码 电话 手机 时间 营业 上班 下班 \
    几点 开门 关门 今天 明天 昨天 上午 下午 晚上 现在 周末 星期 报修 维修 修理 故障 问题 坏了 \
    办理 业务 取消 修改 更换 预约 预订 挂号 确认 申请 咨询 建议 意见 帮助 帮我 我要 我想 请问 \
    请帮我 麻烦 谢谢 你好 您好 再见 对不起 没关系 没有 不要 不用 不是 不想 不需要 不能 不会 不行 \
    不对 可以 需要 知道 明白 清楚 什么 怎么 怎么样 为什么 多少 哪里 哪个 谁 再说 一遍 再说一遍 \
    重复 重新 刚才 没听清 听不清 听不懂 大声 慢一点 好的 是的 对的 没错 行的 嗯 发票 账单 余额 \
    话费 流量 套餐 密码 账户 账号 银行 银行卡 信用卡 现金 价格 优惠 保险 保单 会员 身份证 姓名 \
    好像 要是 要不 是不是 对不对 能不能 好久 好多 没事 没问题 对方 其他 别的 还有 结束 开始 停止 返回 继续 算了 不用了 自动 机器 机器人 电脑";

static KNOWN: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| CHINESE_WORDS.split_whitespace().collect());

/// The words of a text, normalised: English parted at spaces, Chinese by the
/// longest match against a list of words common on the telephone, else single
/// characters. Digits in figures stay together.
pub fn words(text: &str, language: Language) -> Vec<String> {
    words_with(text, language, |word| KNOWN.contains(word))
}

/// The same, with another idea of what a Chinese word is.
pub fn words_with(text: &str, language: Language, is_known: impl Fn(&str) -> bool) -> Vec<String> {
    let units = units(text, language);
    let mut words = Vec::with_capacity(units.len());
    let mut rest = units.as_slice();
    while let Some(first) = rest.first() {
        let length = longest_word(rest, &is_known);
        words.push(if length > 1 {
            rest[..length].concat()
        } else {
            first.clone()
        });
        rest = &rest[length..];
    }
    words
}

/// How many of the first units make one word; 1 at least.
fn longest_word(units: &[String], is_known: &impl Fn(&str) -> bool) -> usize {
    let han = units.iter().take_while(|unit| is_one_han(unit)).count();
    (2..=han.min(WORD_MAX))
        .rev()
        .find(|&length| is_known(&units[..length].concat()))
        .unwrap_or(1)
}

fn is_one_han(unit: &str) -> bool {
    unit.chars().next().is_some_and(is_han)
}

/// What a text is counted in, normalised: each Chinese character, and each word
/// of Latin letters or figures.
pub fn units(text: &str, language: Language) -> Vec<String> {
    let mut units: Vec<String> = Vec::new();
    let mut joins = false;
    for c in normalise(text, language).chars() {
        let (han, space) = (is_han(c), c == ' ');
        match units.last_mut() {
            Some(unit) if joins && !han && !space => unit.push(c),
            _ if space => {}
            _ => units.push(c.to_string()),
        }
        joins = !han && !space;
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};
    use proptest::prelude::*;

    #[test]
    fn english_is_cut_at_spaces_and_chinese_at_its_words() {
        let table: [(Language, &str, &[&str]); 7] = [
            (
                En,
                "I'd like an Agent, please",
                &["i'd", "like", "an", "agent", "please"],
            ),
            (Zh, "我要转人工", &["我要", "转人工"]),
            (Zh, "查询订单状态", &["查询", "订单", "状态"]),
            (Zh, "我不是要投诉", &["我", "不是", "要", "投诉"]),
            (Zh, "請再說一遍。", &["请", "再说一遍"]),
            (Zh, "拨打12315", &["拨", "打", "12315"]),
            (Zh, "", &[]),
        ];
        for (language, text, wanted) in table {
            assert_eq!(words(text, language), wanted, "{text}");
        }
    }

    #[test]
    fn chinese_is_counted_in_characters() {
        assert_eq!(units("我要转VIP人工", Zh).len(), 6);
        assert_eq!(units("i want an agent", En).len(), 4);
        assert_eq!(units("press 人工 now", En), ["press", "人", "工", "now"]);
    }

    proptest! {
        #[test]
        fn cutting_loses_no_character(text in "[a-z0-9 我要转人工不是投诉订单，]{0,30}") {
            for language in Language::ALL {
                let whole: String = normalise(&text, language).replace(' ', "");
                prop_assert_eq!(words(&text, language).concat(), whole.clone());
                prop_assert_eq!(units(&text, language).concat(), whole);
            }
        }
    }
}
