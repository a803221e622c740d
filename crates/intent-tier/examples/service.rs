//! A service that answers a dozen questions by keywords, in English and Mandarin,
//! over the contract of `CONTRACT.md`:
//! `cargo run -p intent-tier --example service -- 127.0.0.1:8765`.

use call_model::Language;
use futures_util::{SinkExt, StreamExt};
use intent_tier::contract::{FromService, ToService, Turn};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::{Error, Message};

/// English keywords, Mandarin keywords, and the answer in each.
#[rustfmt::skip]
const ANSWERS: [([&str; 2], [&str; 2], [&str; 2]); 12] = [
    (["close", "closing"], ["关门", "下班"], ["We close at six in the evening.", "我们晚上六点关门。"]),
    (["open", "opening"], ["开门", "营业"], ["We open at nine in the morning.", "我们早上九点开门。"]),
    (["where", "address"], ["地址", "在哪"], ["You find us at five Station Road.", "我们在车站路五号。"]),
    (["park", "parking"], ["停车", "车位"], ["There are places to park behind the house.", "楼后面有停车位。"]),
    (["deliver", "delivery"], ["送货", "配送"], ["We deliver within three working days.", "三个工作日之内送到。"]),
    (["return", "send back"], ["退货", "退掉"], ["You can return goods within thirty days.", "三十天之内可以退货。"]),
    (["refund", "money back"], ["退款", "退钱"], ["A refund takes about five days.", "退款大约需要五天。"]),
    (["pay", "payment"], ["付款", "支付"], ["You can pay by card or in cash.", "可以刷卡，也可以付现金。"]),
    (["warranty", "guarantee"], ["保修", "质保"], ["The warranty lasts two years.", "保修期是两年。"]),
    (["price", "cost"], ["价格", "多少钱"], ["Prices begin at twenty dollars.", "价格从二十元起。"]),
    (["holiday", "sunday"], ["放假", "星期天"], ["We are closed on Sundays and holidays.", "星期天和节假日我们休息。"]),
    (["thank", "goodbye"], ["谢谢", "再见"], ["Thank you for calling.", "感谢您的来电。"]),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "127.0.0.1:8765".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on ws://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream));
    }
}

/// One call.
async fn serve(stream: TcpStream) -> Result<(), Error> {
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    while let Some(frame) = socket.next().await {
        let frame = frame?;
        let Ok(text) = frame.to_text() else { continue };
        if let Ok(ToService::TurnFinal(turn)) = serde_json::from_str(text) {
            for reply in replies(&turn) {
                let json = serde_json::to_string(&reply).unwrap_or_default();
                socket.send(Message::text(json)).await?;
            }
        }
    }
    Ok(())
}

/// The first answer whose keyword was said; without one a person.
fn replies(turn: &Turn) -> Vec<FromService> {
    let question = turn.question;
    let readings = turn.readings.iter();
    let said: Vec<&str> = readings.map(|one| one.text.reveal().as_str()).collect();
    let is_said = |word: &&str| said.iter().any(|text| text.contains(word));
    let found = ANSWERS
        .iter()
        .find(|(en, zh, _)| en.iter().chain(zh).any(&is_said));
    match found {
        Some((_, _, [en, zh])) => {
            let answer = match turn.language {
                Language::En => en,
                Language::Zh => zh,
            };
            let text = (*answer).to_owned().into();
            vec![
                FromService::Say { question, text },
                FromService::Done { question },
            ]
        }
        None => vec![FromService::Escalate {
            question,
            why: "not on the list of the example service".to_owned(),
        }],
    }
}
