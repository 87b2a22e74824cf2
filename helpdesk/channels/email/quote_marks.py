"""The words and shapes by which mail programs mark what is not new, in the languages they speak.

Every test looks at one line, or at a few lines joined and capped, with no nested quantifier: all are linear.
"""

import re

MAX_LINE = 1000
MAX_INTRODUCTION = 450

FROM, SENT, TO, SUBJECT, CC = "from", "sent", "to", "subject", "cc"
HEADER_WORDS = {
    FROM: """
        from von de da van fra från od от від kimden gönderen lähettäjä feladó mittente expéditeur remitente
        afsender avsändare avsender absender 发件人 寄件者 寄件人 差出人 보낸사람 보낸|사람 de|la từ från|:
        afzender odesílatel nadawca отправитель message|from reply-to
    """,
    SENT: """
        sent date gesendet datum envoyé envoyé|le date|d'envoi enviado enviado|el fecha data inviato verzonden
        sendt skickat skickat|den dato sendt|den wysłano wysłane data|wysłania odesláno дата отправлено
        надіслано tarih gönderilme|tarihi gönderildi lähetetty päivämäärä päiväys elküldve message|du 发送时间
        发送日期 日期 寄件日期 送信日時 日付 날짜 보낸|날짜 trimis ngày|gửi đã|gửi enviada|em enviado|em enviada
        skickad sent|at sendt|dato
    """,
    TO: """
        to an à a para aan til till do komu кому kime alıcı vastaanottaja címzett destinataire destinatario
        收件人 宛先 받는사람 받는|사람 către đến tới modtager mottagare delivered-to
    """,
    SUBJECT: """
        subject betreff objet asunto oggetto onderwerp assunto emne ämne temat předmět тема konu aihe tárgy 主题
        主旨 件名 제목 subiect chủ|đề subj sujet
    """,
    CC: """
        cc kopie copie copie|à kopia kópia копия копія bilgi kopio 抄送 副本 참조 bcc cci importance priority
        wichtigkeit reply|to répondre|à antwort|an organization attachments anlagen
    """,
}
KINDS = {word.replace("|", " "): kind for kind, words in HEADER_WORDS.items() for word in words.split()}
_HEADER_LINE = re.compile(r"^[\s*>_|\[]{0,20}([^:：\d<>@]{1,24}?)[\s*_]{0,5}[:：]")

ORIGINAL = """
    alkuperäinen viesti | antwort-nachricht | antwort nachricht |
    eredeti üzenet | mensagem original | mensaje original |
    mesaj original | message d'origine | message d’origine | message initial | message original |
    messaggio originale | messaggio originario | oorspronkelijk bericht | oorspronkelijke bericht |
    opprinnelig melding | oprindelig besked | oprindelig meddelelse | original appointment | original message |
    original-nachricht | originalmeddelande | originalmelding | originalnachricht | origineel bericht |
    orijinal mesaj | oryginalna wiadomość | pôvodná správa | původní zpráva | quoted text | replied message |
    reply message | reply original message | thư gốc | tin nhắn gốc | ursprungligt meddelande |
    ursprüngliche mail | ursprüngliche nachricht | vorige nachricht | wiadomość oryginalna |
    wiadomość pierwotna | özgün ileti | özgün mesaj | вихідне повідомлення | исходное сообщение |
    оригинальное сообщение | оригінальне повідомлення | 元のメッセージ | 原始邮件 | 原始郵件 | 원본 메시지 |
    원본 메일
"""
FORWARDED = """
    anfang der weitergeleiteten e-mail | anfang der weitergeleiteten nachricht | begin doorgestuurd bericht |
    begin forwarded message | doorgestuurd bericht | début du message réexpédié | début du message transféré |
    début du message transmis | forward | forwarded by | forwarded mail | forwarded message | fwd |
    iletilen mesaj | iletilmiş mesaj | inicio del mensaje reenviado | inizio messaggio inoltrato | inoltrato |
    início da mensagem encaminhada | mensagem encaminhada | mensaje reenviado | mesaj redirecționat |
    message transféré | message transmis | messaggio inoltrato | preposlaná správa | przekazana wiadomość |
    přeposlaná zpráva | thư đã chuyển tiếp | továbbított üzenet | vidarebefordrat brev |
    vidarebefordrat meddelande | videresendt besked | videresendt meddelelse | videresendt melding |
    välitetty viesti | weitergeleitete nachricht | wiadomość przekazana dalej | переслане повідомлення |
    пересылаемое сообщение | 転送されたメッセージ | 轉寄郵件 | 转发的邮件 | 转发邮件信息 | 전달된 메시지 |
    전달된 메일
"""
ORIGINAL_PHRASES = frozenset(phrase.strip() for phrase in ORIGINAL.split("|"))
FORWARD_PHRASES = frozenset(phrase.strip() for phrase in FORWARDED.split("|"))

VERBS = (
    r"wrote|writes|a écrit|a ecrit|escribió|escribio|ha scritto|scrisse|escreveu|schrieb|schreef|geschreven|skrev|"
    r"kirjoitti|napisał\(a\)|napisała|napisał|napisal\(a\)|napsal\(a\)|napsala|napsal|napísal\(a\)|написал\(а\)|"
    r"написала|написал|пишет|пише|написав|написала|yazdı|şunu yazdı|写道|寫道|写到|のメール|書きました|작성"
    r"|wrote the following|"
    r"đã viết|a scris|írta|έγραψε|menulis|va escriure|rašė|said the following|geschrieben|viết|kirjutas|napisao"
)
STARTS = (
    r"on|am|le|el|il|in data|op|em|no dia|den|w dniu|dnia|dne|dňa|vào|pada|at|в|у|於|于|在|il giorno|le jour|data|"
    r"quoting|fra|d\."
)
_STARTS = re.compile(rf"^[\s*_\-]{{0,12}}(?:{STARTS})[\s,:]", re.IGNORECASE)
_VERB = re.compile(rf"(?:^|[\s>\]),;*\"'\d]|님이 |さんは)(?:{VERBS})(?:$|[\s:：*,.<\-])", re.IGNORECASE)
_VERBS_AT_END = tuple(VERBS.replace("\\", "").split("|"))
_COLON_AT_END = re.compile(r"[:：][\s*_\-]{0,12}$")
_DATE = re.compile(r"\d{1,4}[-/.年]\s?\d{1,2}[-/.月]|\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d{2}\b|\d{1,2}월|\d{1,2}月")
_TIME = re.compile(r"\d{1,2}[:.]\d{2}")
_DAY = re.compile(r"\d{1,4}[-/.年]\s?\d{1,2}[-/.月]|\b(?:19|20)\d{2}\b|\d{1,2}월")
_ADDRESS_AT_END = re.compile(r"[<(\[][^\s<>@]{1,100}@[^\s<>@]{1,120}[>)\]]{1,2}[\s*_]{0,5}[:：][\s*_\-]{0,12}$")
_ADDRESS = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,200}")

# The end of an introduction, wrapped before its closing bracket: it only looks quoted.
WRAPPED_COLON = re.compile(rf"^>\s?(?:{VERBS})?\s?[:：]$", re.IGNORECASE)

MOBILE = re.compile(
    r"^[\s*_\-–—\[(<]{0,6}(?:"
    r"sent (?:from|via|with|using) (?:my |airmail|the |a |mailbox|blackberry|t-mobile"
    r"|verizon|at&t|huawei|xiaomi|nokia|htc|lg "
    r"|surface|tablet|yahoo |outlook|mail |gmail|proton|samsung|typeapp|nine|windows"
    r"|mobile|mailbird"
    r"|hey|spark|front|zoho|aol|iphone|ipad|android|bluemail|boxer|superhuman|spike|canary|edison|fastmail|mymail"
    r"|k-9|tutanota)"
    r"|sent from (?:iphone|ipad|android|mobile)|get outlook for|get (?:bluemail|typeapp) for|from mobile"
    r"|from my (?:iphone|ipad|ipod|mobile|phone)"
    r"|sent by galaxy|sent from (?:my |a )?(?:phone|cell|device|pc\b)|\w{1,20} from mobile$"
    r"|typed on|(?:von|vom) meinem .{1,40} gesendet|(?:gesendet|diese nachricht wurde) (?:von|mit|vom|über) "
    r"|(?:envoyé|envoye) (?:de|depuis|à partir d|avec|via|par)|télécharger outlook pour"
    r"|enviado (?:desde|do|a partir d|de|via|por) |obtener outlook|obter o outlook|inviato (?:da|dal|con|tramite) "
    r"|ottieni outlook"
    r"|(?:verzonden|verstuurd|verstuurd) (?:vanaf|vanuit|met|via|van) |download outlook|skickat från|sendt fra"
    r"|hämta outlook|hent outlook"
    r"|skickades från|lähetetty |hanki outlook|wysłane? (?:z|ze|za pomocą) |wysłano z|pobierz outlook|odesláno z"
    r"|odoslané z"
    r"|отправлено (?:из|с|со|через) |надіслано (?:з|із) |.{1,40}(?:'den|'dan|dan|den) gönderildi$"
    r"|iphone'umdan gönderildi"
    r"|iphoneから送信|.{0,30}から送信$|发自我的|从我的.{1,20}发送|傳送自|從我的.{1,20}傳送|나의 .{1,20}에서 보냄"
    r"|.{0,20}에서 보냄$"
    r"|đã gửi từ|được gửi từ|trimis de pe|elküldve |poslano (?:z|s) )",
    re.IGNORECASE,
)
MAX_MOBILE = 90

_VALEDICTIONS = (
    r"(?:(?:kind|best|warm|warmest|kindest|with (?:kind|best|warm)|many|very best|my best) )?regards|best wishes"
    r"|all the best|"
    r"kind regards|yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?|respectfully(?: yours)?|rgds|brgds|br"
    r"|kr|"
    r"(?:mit )?(?:freundlichen|freundliche|besten|beste|vielen|herzlichen|herzliche|liebe|lieben|schöne|viele) "
    r"(?:grüßen|grüsse|grüße|gruß|gruss|grüssen)|mfg|lg|vg|hochachtungsvoll|"
    r"(?:bien )?(?:cordialement|amicalement|sincèrement)(?: vôtre)?|meilleures salutations"
    r"|salutations(?: distinguées)?|bien à (?:vous|toi)|cdt|cdlt|"
    r"(?:un |con un )?(?:cordial|atento) saludo|(?:un )?saludos?(?: cordiales)?|atentamente|atte|"
    r"(?:cordiali|distinti|cari|un cordiale) salut[io]|cordialmente|"
    r"met (?:vriendelijke|hartelijke) groet(?:en)?|(?:vriendelijke|hartelijke) groet(?:en)?|groeten|groetjes|mvg|"
    r"atenciosamente|com os melhores cumprimentos|(?:melhores )?cumprimentos|att|"
    r"med (?:vänlig|vänliga|venlig|vennlig|bästa|de bedste|beste) (?:hälsning|hälsningar|hilsen|hilsner)|"
    r"(?:vänliga |bästa |venlig |vennlig |bedste |beste )?(?:hälsningar|hälsning|hilsen|hilsner)|mvh|dbh|kh|vh|"
    r"(?:ystävällisin |parhain )?terveisin|t\.|z (?:poważaniem|powazaniem|wyrazami szacunku)"
    r"|pozdrawiam(?: serdecznie)?|"
    r"pozdrowienia|s pozdravem|s přátelským pozdravem|s pozdravom|zdravím|"
    r"с уважением|с наилучшими пожеланиями|з повагою|з найкращими побажаннями|saygılarımla|saygılar|iyi çalışmalar|"
    r"敬具|よろしくお願いいたします|以上、よろしくお願いいたします|此致|此致敬礼|祝好|감사합니다|trân trọng"
    r"|üdvözlettel|cu stimă"
)
VALEDICTION = re.compile(rf"^\s{{0,4}}(?:{_VALEDICTIONS})\s?[,.!。、]{{0,3}}\s*$", re.IGNORECASE)
DASHED_NAME = re.compile(r"^(?:[-–—~]{1,3} ?|/ ?)[^\W\d_a-z][\w.'’]*(?: [^\W\d_a-z][\w.'’-]*){0,3}$")
BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)]) ?\S")
UNDERSCORES = re.compile(r"^\s*_{2,200}\s*$")
RULE = re.compile(r"^[\s>]{0,10}(?:[-_=*—–]\s?){2,200}\s*$")
LONE_RULE = re.compile(r"^\s{0,4}[-_*=—–]{1,200}\s*$")
FENCE = re.compile(r"^\s*(?:```|~~~)")
REPLY_ABOVE = re.compile(
    r"(?:reply|respond|write|type|antwort\w*|répon\w*|responda|rispond\w*|antwoord\w*|svar\w*|odpowie\w*).{0,60}"
    r"(?:above|oberhalb|über|au-dessus|encima|sopra|boven|ovanför|over|acima|powyżej).{0,30}(?:line|linie|zeile"
    r"|ligne|línea|riga|lijn|linje|linha|linii)",
    re.IGNORECASE,
)


def header_kind(line: str) -> str:
    """Which header of an embedded mail this line is: from, sent, to, subject, cc, or "" when it is none."""
    found = _HEADER_LINE.match(line[:120])
    return KINDS.get(found[1].strip(" *_\u00a0").lower(), "") if found else ""


def is_original_mark(line: str) -> bool:
    """`-----Original Message-----` and its kin; the dashes are needed, the words alone are not enough."""
    core = line.strip(" \t>-_=*:\u2014\u2013").lower()
    return core in ORIGINAL_PHRASES and _dashes(line) >= 2


def is_forward_mark(line: str) -> bool:
    """The head of a forwarded mail, with dashes or as Apple Mail writes it, with a colon."""
    core = line.strip(" \t>-_=*:：\u2014\u2013").lower()
    if core.startswith("forwarded by ") and _dashes(line) >= 4:
        return True
    return core in FORWARD_PHRASES and (_dashes(line) >= 2 or line.rstrip().endswith((":", "：")))


def is_introduction(joined: str, *, before_quote: bool) -> bool:
    """`On Monday at 9:00 Ann <a@b.c> wrote:` in any of the languages; `joined` is one to four lines."""
    has_colon = bool(_COLON_AT_END.search(joined[-16:]))
    is_quick = before_quote and len(joined) < 150 and bool(_ADDRESS.search(joined))
    if is_quick and (has_colon or (joined.endswith(">") and _DATE.search(joined))):
        return True
    if len(joined) > MAX_INTRODUCTION or not (has_colon or _ends_with_verb(joined)):
        return False
    return _says_who_wrote_when(joined, has_colon=has_colon, before_quote=before_quote)


def _ends_with_verb(joined: str) -> bool:
    return joined[-60:].rstrip(" \t*_-:：").lower().endswith(_VERBS_AT_END)


def _says_who_wrote_when(joined: str, *, has_colon: bool, before_quote: bool) -> bool:
    has_address = bool(_ADDRESS.search(joined))
    has_date = bool(_DATE.search(joined))
    if not _VERB.search(joined):
        return has_date and bool(_ADDRESS_AT_END.search(joined[-250:])) and len(joined) < 250
    if has_colon:
        return has_address or before_quote or (bool(_DAY.search(joined)) and bool(_STARTS.match(joined)))
    is_ruled = joined.startswith("--") and joined.endswith("--")
    return is_ruled or (has_date and (has_address or before_quote) and len(joined) < 250)


def is_dated(line: str) -> bool:
    """Whether a line says when: introductions begin with that or with a word such as On."""
    return bool(_DATE.search(line) or _STARTS.match(line))


def may_introduce(line: str) -> bool:
    """A cheap look at the first line of what may be an introduction."""
    return bool(_STARTS.match(line) or "@" in line or _DATE.search(line) or _ends_with_verb(line))


def is_header_block(kinds: set[str], block: str) -> bool:
    """Whether header lines of these kinds are an embedded mail's; "From: Berlin, To: Paris" is a traveller's."""
    if FROM not in kinds and SUBJECT not in kinds:
        return {SENT, TO} <= kinds and "@" in block and bool(_TIME.search(block))
    if "@" not in block and SUBJECT not in kinds:
        return False
    return len(kinds) >= 3 or (FROM in kinds and bool(kinds & {SENT, SUBJECT}))


def is_piece_of_link(line: str) -> bool:
    """A link, or the rest of one, that a mail program wrapped out of a quote."""
    bare = line.strip()
    return bare.startswith(("http", "(http", "<http")) or (" " not in bare and bool(re.search(r"[/=?&@)]", bare)))


def split_shared_line(line: str) -> list[str]:
    """`Yes On Mon, 1 Jan 2024, bo@example.net wrote:` is a reply and an introduction that lost their line end."""
    start = max(line.rfind(" On "), line.rfind("-On ")) + 1
    if start < 2 or len(line) > MAX_LINE or _STARTS.match(line) or not _ends_with_verb(line):
        return [line]
    if not _DATE.search(line[start:]) or not is_introduction(line[start:], before_quote=False):
        return [line]
    return [line[:start].rstrip(" -"), line[start:]]


def is_mobile_signature(line: str) -> bool:
    """`Sent from my iPhone`, but not a sentence that begins that way."""
    bare = re.sub(r"[<(\[](?:https?|mailto):[^\s]{0,300}$", "", line.strip()).strip()
    if not bare or len(bare) > MAX_MOBILE or not MOBILE.match(bare):
        return False
    return not re.search(r"[,;!?] |[a-z](?<!gesendet)\.$|\bis\b|\band\b", bare.rstrip("*_ ")) or bool(
        re.search(r"(?i)excuse|typos", bare)
    )


def _dashes(line: str) -> int:
    return sum(line.count(mark) for mark in "-_=*\u2014\u2013")
