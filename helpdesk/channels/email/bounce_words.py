"""How mail servers speak when a mail did not arrive."""

import re

MACHINES = re.compile(
    r"^(?:mailer[-_.]?d(?:a)?emon|postmaster|mail-?daemon|mdaemon|mail[-_.]?delivery.{0,40}|smtp[-_.]?(?:server"
    r"|daemon)?|bounces?"
    r"|microsoftexchange[0-9a-f]{32}|mail[-_.]?system|mmdf|pmdf|uucp|lotus.{0,20}|daemon)(?:[@\\]|$)",
    re.IGNORECASE,
)
MACHINE_NAMES = re.compile(
    r"mail delivery (?:sub)?system|mail(?:er)?[- ]daemon|postmaster|delivery (?:notification|failure|subsystem)"
    r"|system administrator|mail delivery service",
    re.IGNORECASE,
)
SUBJECTS = re.compile(
    r"undeliver|unzustellbar|non remis|nicht zugestellt|no (?:se ha )?(?:podido )?entregad|mail delivery"
    r"|delivery (?:fail|status|notif|report|error|problem|delay|has|unsuccess)"
    r"|returned mail|failure notice|mail (?:system )?error|message (?:delivery|status)|could ?n[o']t (?:be )?deliver"
    r"|not (?:be )?delivered"
    r"|returned to sender|failed mail|failed delivery|deliver(?:y|ing) (?:failure|warning)|warning: (?:message"
    r"|could not|e-?mail)"
    r"|(?:mail|message|e-?mail) (?:could not|was not|cannot|not delivered|undeliver|delayed|returned|failure"
    r"|bounced)|nondeliver|non[- ]deliver|bounce"
    r"|rejected|user unknown|unknown (?:user|recipient|address)|mailbox (?:full|unavailable|not found)"
    r"|unable to deliver|can ?not deliver"
    r"|niet bezorg|onbestelbaar|mislukt|mancato recapito|mancata consegna|impossibile recapitare|falha (?:na"
    r"|de) entrega|não entregue|devolvida"
    r"|zwrot|niedostarcz|nie dostarczon|nedoruč|не доставлен|недоставлен|не может быть доставлен|olevererbar"
    r"|kunde inte levereras|ikke leveres|kunne ikke lever"
    r"|toimittaminen|iletilemedi|teslim edilemedi|配信不能|配信できません|メール配信|退信|无法投递|無法傳遞|系统退信"
    r"|전송 실패|배달 실패|échec"
    r"|remise impossible"
    r"|fehler bei der zustellung|zustellung fehlgeschlagen|error sending|problem delivering|address (?:not found"
    r"|has changed)|no longer (?:valid|at|works)",
    re.IGNORECASE,
)
REPLIES = re.compile(r"^\s*(?:re|aw|sv|vs|odp|antw|fwd?|wg|tr|rv)\s?(?:\[\d+\])?:", re.IGNORECASE)
NOT_BOUNCES = re.compile(
    r"out of (?:the )?office|automatic reply|auto(?:matische)?[- ]?(?:reply|antwort)|abwesen|vacation|read:",
    re.IGNORECASE,
)
FAILURES = re.compile(
    r"could not be delivered|couldn't be delivered|(?:was|were|is) undeliver(?:able|ed)|non-?delivery report"
    r"|not been delivered|not delivered|undeliverable|unable to deliver"
    r"|can ?not deliver|could not deliver|delivery (?:to the following|failed|failure|has failed|attempt)"
    r"|fatal errors|permanent(?: fatal)? (?:error|failure)"
    r"|failed permanently|(?:user|recipient|mailbox|host|domain|address) (?:is )?(?:unknown|not found|unavailable"
    r"|does not exist|doesn't exist|disabled|inactive)"
    r"|unknown (?:user|recipient|address|host|local)|no such (?:user|recipient|address|mailbox|person|domain)"
    r"|does(?: not|n't) (?:exist|have an? .{0,20}account)|doesn't have"
    r"|invalid (?:recipient|address|user|mailbox)|mailbox (?:is )?(?:full|unavailable)|over (?:its )?(?:quota|disk)"
    r"|quota exceeded|returned (?:to (?:you|sender)|mail)|is being returned"
    r"|\b5\d\d[ -]#?5?\.?\d|\b55\d\b|\b5\.\d\.\d\b|retry time not reached|host not found|address(?:es)? (?:failed"
    r"|rejected|had|couldn't)|transcript of session|will not be retried|giving up"
    r"|not listed in|message (?:was|has been) rejected|rejected by|still undelivered|has been (?:delayed|postponed)"
    r"|delivery of (?:e?mail|message|your)|not a valid|no longer (?:valid|active|with|works|available|employed"
    r"|accept)|account (?:is|has been) (?:closed|disabled|inactive|suspended)"
    r"|konnte nicht zugestellt|nicht zugestellt werden|n'a pas pu être|n'a pu être|no se pudo entregar"
    r"|non è stato possibile|não pôde ser entregue|kon niet worden|не (?:было|может быть|удалось) достав"
    r"|無法|无法|できませんでした|nie (?:może|mogła|została) (?:być )?dostarczon|kunne ikke leveres"
    r"|kunde inte levereras",
    re.IGNORECASE,
)
DELAYED = re.compile(
    r"will (?:continue to be |keep |be )?(?:retr(?:y|ied)|trying)|still (?:trying|undelivered|in the queue)"
    r"|not yet been delivered|has been delayed|delivery (?:is |was )?delayed"
    r"|warning message only|do(?: not|n't) need to re-?send|temporar(?:y|ily) (?:problem|fail|unable|deferred)"
    r"|delivery attempts will continue|this is a warning|has been postponed|will continue to try|action: delayed"
    r"|not delivered yet|could not be delivered for",
    re.IGNORECASE,
)
ORIGINAL = re.compile(
    r"(?im)^[ \t>*_=-]{0,40}(?:original message|included message|this is a copy of|below this line|copy of (?:your"
    r"|the) message|unsent message|message header|headers? (?:of|follow)|returned message|received:)",
)
DEAD_STATUSES = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4", "5.2.1"}
DEAD = re.compile(
    r"(?:user|recipient|mailbox|account|address|host|domain)(?: name)? (?:is )?(?:unknown|not found|does(?: not"
    r"|n't) exist|disabled|inactive)|unknown (?:user|recipient|mailbox|address|host|domain|local)"
    r"|no such (?:user|recipient|address|mailbox|person|domain|host|account)|no mailbox (?:here )?by that name"
    r"|does(?: not|n't) (?:exist|have an? .{0,20}account)|invalid (?:recipient|mailbox|user)"
    r"|host (?:or domain name )?not found"
    r"|not a valid (?:mailbox|user|address)|no longer (?:valid|active|with|employed)|address rejected|not listed in"
    r"|unrouteable address",
    re.IGNORECASE,
)
NOT_DEAD = re.compile(
    r"mailbox (?:is )?full|over (?:its )?(?:quota|disk)|quota|insufficient (?:system |disk )?(?:storage|space)|spam"
    r"|spamhaus|blacklist|block(?:ed|list)|policy|reputation|dmarc|\bspf\b|too large|size limit|exceeds"
    r"|relay(?:ing)? (?:denied|access|not)"
    r"|greylist|rate limit|too many|try again later|virus|content rejected|loop",
    re.IGNORECASE,
)
