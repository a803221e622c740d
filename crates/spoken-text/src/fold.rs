//! Folding of single characters: width, and traditional to simplified.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Pairs of a traditional character and its simplified one, one pair after the
/// other: what callers of a service desk write and say, not all of Chinese.
///
/// Only pairs that hold in every word are here. A traditional character that is
/// also a simplified one in its own right (著, 乾, 藉) or has two simplified forms
/// by meaning is left as it stands.
const PAIRS: &str = concat!(
    "請请謝谢對对錯错話话說说語语講讲問问題题訴诉認认識识讓让誰谁誤误該该諮咨詢询談谈論论證证記记計计",
    "訂订許许設设評评詞词試试調调譯译譜谱護护變变讀读議议訊讯謊谎騙骗罵骂聲声聽听聯联響响嗎吗麼么為为",
    "個个們们這这還还沒没過过進进遠远運运達达連连遲迟邊边選选遺遗郵邮適适遞递週周員员專专業业務务處处",
    "經经師师親亲愛爱媽妈爺爷孫孙婦妇兒儿歲岁齡龄貴贵賓宾顧顾觀观領领導导長长門门開开關关閉闭間间閱阅",
    "闊阔隊队際际陽阳陰阴陳陈陸陆險险雜杂難难雙双電电號号碼码線线網网絡络級级終终結结給给統统繼继續续",
    "維维繳缴編编緊紧總总縣县縮缩織织約约紅红紙纸細细組组純纯紹绍納纳練练綠绿緒绪緣缘繞绕簡简單单轉转",
    "輸输輕轻軟软車车輛辆載载較较輔辅輪轮轎轿軍军軌轨錄录錢钱銀银鐘钟鑰钥鎖锁鍵键鏡镜鐵铁針针釘钉鈕钮",
    "銷销錶表鋪铺鋼钢隨随頁页項项順顺須须預预頻频顏颜額额類类願愿顯显風风飛飞飯饭飲饮館馆驗验馬马駕驾",
    "駛驶驚惊驅驱騎骑髒脏魚鱼鮮鲜鳥鸟麗丽麵面黃黄點点齊齐齒齿龍龙龜龟貨货貸贷費费資资買买賣卖賬账帳帐",
    "賠赔償偿賺赚質质贈赠購购貼贴責责財财負负貢贡貧贫價价優优億亿儲储債债備备傳传傷伤傭佣倉仓華华萬万",
    "與与興兴舊旧艙舱辦办動动勞劳勢势勝胜勵励區区協协卻却廠厂厭厌參参啟启嘆叹嚴严國国圍围園园圓圆圖图",
    "團团場场報报塊块壓压壞坏壯壮夢梦奪夺奮奋妝妆學学寧宁實实審审寫写寬宽尋寻將将爾尔屆届屬属島岛幣币",
    "幫帮庫库應应廣广廳厅張张強强彈弹後后從从復复態态慣惯慮虑憂忧憑凭懷怀懶懒戰战戲戏戶户擇择擊击擔担",
    "據据損损換换揚扬擁拥擋挡擠挤擴扩擺摆攜携攤摊數数敗败敵敌斷断於于時时暫暂曆历書书會会條条來来東东",
    "樂乐樓楼標标樣样機机檔档檢检權权歡欢歐欧殘残殺杀氣气決决況况淚泪淨净減减測测溫温準准滿满漢汉濟济",
    "無无煩烦熱热燈灯爭争牽牵狀状獨独獲获環环現现產产畢毕畫画當当療疗瘋疯發发盜盗監监盡尽眾众礎础確确",
    "禮礼離离種种稱称稅税積积穩稳窮穷競竞筆笔節节範范築筑糧粮糾纠紀纪罰罚義义習习職职聰聪肅肃腦脑腳脚",
    "臉脸臟脏臨临舉举藥药藝艺蘋苹蘭兰虛虚蟲虫術术衛卫裝装裡里裏里補补製制複复見见規规視视覺觉覽览觸触",
    "訪访診诊詐诈詳详誠诚誇夸諾诺豐丰貓猫賞赏賽赛贏赢趕赶趨趋跡迹踐践蹤踪軒轩農农邏逻鄉乡醫医釋释錦锦",
    "閒闲闆板隱隐雖虽雲云靈灵靜静頂顶頓顿頭头頸颈飾饰餘余養养騷骚體体鬧闹魯鲁鹽盐麥麦黨党臺台灣湾溝沟",
    "歷历歸归僅仅僱雇兩两冊册凍冻刪删別别則则創创劃划劇剧剛刚劍剑勸劝匯汇鎮镇櫃柜櫥橱碩硕戀恋羅罗衝冲",
    "嚇吓聞闻檯台祕秘鬆松慶庆廢废攔拦絕绝繫系遙遥墊垫頒颁騰腾藍蓝誌志託托傑杰偉伟彥彦營营帶带幾几夠够",
    "幹干嘗尝壽寿寶宝尷尴彌弥徑径徵征悅悦惡恶懇恳懲惩掃扫採采擾扰擬拟攪搅敘叙暈晕棄弃樹树橋桥殼壳涼凉",
    "潔洁濃浓瀏浏燒烧爐炉牆墙猶犹獎奖瑣琐癢痒皺皱盤盘礙碍禍祸窩窝竊窃籤签簽签籃篮綁绑緩缓罷罢脫脱膽胆",
    "艱艰莊庄蓋盖薦荐褲裤襪袜訓训誘诱諒谅謎谜謹谨譴谴豈岂販贩貪贪趙赵辭辞辯辩鄭郑鄰邻醜丑鑒鉴鑽钻閃闪",
    "雞鸡霧雾韓韩飽饱駁驳駐驻鬥斗鴨鸭塵尘墜坠寢寝嶺岭廁厕慘惨慚惭懸悬拋抛揮挥撥拨撓挠曬晒橫横殲歼淺浅",
    "渾浑滅灭滯滞滾滚漲涨漸渐潤润澤泽濕湿灘滩煉炼瑪玛甦苏蘇苏礦矿稈秆穀谷糞粪繪绘繃绷聖圣膚肤膠胶舖铺",
    "蔥葱蝦虾螞蚂蠟蜡襯衬贓赃蹟迹轟轰違违遼辽鄧邓鋸锯鍋锅鏈链鑼锣閘闸陝陕隸隶頌颂駱骆鬍胡贊赞讚赞欄栏",
);

/// The simplified form of a traditional character; any other character unchanged.
pub fn simplified(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    TABLE.get(&c).copied().unwrap_or(c)
}

static TABLE: LazyLock<BTreeMap<char, char>> = LazyLock::new(|| {
    let chars: Vec<char> = PAIRS.chars().collect();
    chars
        .chunks_exact(2)
        .map(|pair| (pair[0], pair[1]))
        .collect()
});

/// The half-width form of a full-width character (U+FF01 to U+FF5E and the
/// ideographic space); any other character unchanged.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - u32::from('\u{ff01}') + u32::from('!')).unwrap_or(c)
        }
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_leads_from_a_traditional_character_to_one_that_stays() {
        let chars: Vec<char> = PAIRS.chars().collect();
        assert!(
            chars.len().is_multiple_of(2) && chars.len() >= 2 * 300,
            "{}",
            chars.len() / 2
        );
        assert_eq!(TABLE.len() * 2, chars.len(), "a character stands twice");
        for (&traditional, &simple) in TABLE.iter() {
            assert_ne!(traditional, simple);
            assert_eq!(
                simplified(simple),
                simple,
                "{traditional} leads to {simple}, which leads on"
            );
        }
    }

    #[test]
    fn what_a_caller_says_of_us_folds() {
        let table = [
            ("投訴", "投诉"),
            ("賠償", "赔偿"),
            ("律師", "律师"),
            ("起訴", "起诉"),
            ("轉人工", "转人工"),
            ("客服專員", "客服专员"),
            ("營業時間", "营业时间"),
            ("訂單", "订单"),
            ("人工服務", "人工服务"),
            ("理賠", "理赔"),
            ("經理", "经理"),
            ("再說一遍", "再说一遍"),
            ("兩個", "两个"),
            ("法院", "法院"),
        ];
        for (traditional, simple) in table {
            assert_eq!(
                traditional.chars().map(simplified).collect::<String>(),
                simple
            );
        }
    }
}
