"""The engine's sentences, Chinese first; the engine has no gettext, so both languages stand here side by
side."""

MODE_WORDS = {
    "zh": {"walk": "步行", "bike": "骑车", "ebike": "骑电动车", "car": "开车", "transit": "乘公交"},
    "en": {
        "walk": "on foot",
        "bike": "by bicycle",
        "ebike": "by e-bike",
        "car": "by car",
        "transit": "by transit",
    },
}

_VOLUNTEER_ZH = {
    "travel": "离您约 {distance}，{mode} {minutes} 分钟",
    "continuity": "您以前服务过这位居民",
    "language": "您会{what}，对方希望说方言",
    "skills": "您有这次需要的技能：{what}",
    "credentials": "您的证书在有效期内",
    "sex": "对方对服务者性别的希望，您符合",
    "on_duty": "您正在值守，可以马上出发",
    "available": "这段时间您有空",
    "turn": "本月您服务得较少，机会轮到您了",
}
_VOLUNTEER_EN = {
    "travel": "About {distance} from you, {minutes} min {mode}",
    "continuity": "You have served this resident before",
    "language": "You speak {what}, which this person would like to hear",
    "skills": "You have the skills this needs: {what}",
    "credentials": "Your credentials are valid",
    "sex": "You match the wish for a volunteer's sex",
    "on_duty": "You are on duty and could leave at once",
    "available": "You are free at this time",
    "turn": "You have served less than others this month, so it is your turn",
}
_COORDINATOR_ZH = {
    "travel": "距离约 {distance}，{mode} {minutes} 分钟",
    "continuity": "以前服务过这位居民",
    "language": "会{what}，符合方言希望",
    "skills": "具备所需技能：{what}",
    "credentials": "证书在服务时有效",
    "sex": "符合对服务者性别的要求",
    "on_duty": "正在值守",
    "available": "这段时间有空",
    "turn": "近期服务少于其他合适的志愿者",
    "only_one": "目前合适的只有这一位",
}
_COORDINATOR_EN = {
    "travel": "About {distance} away, {minutes} min {mode}",
    "continuity": "Has served this resident before",
    "language": "Speaks {what}, as wished",
    "skills": "Has the skills needed: {what}",
    "credentials": "Credentials are valid at the time of service",
    "sex": "Matches the wish for a volunteer's sex",
    "on_duty": "Is on duty",
    "available": "Is free at this time",
    "turn": "Has served less lately than the others who could come",
    "only_one": "The only one who could come",
}
_RESIDENT_ZH = {
    "nearby": "志愿者就在附近",
    "continuity": "这位志愿者以前为您服务过",
    "language": "志愿者会{what}，可以和您说方言",
    "skills": "志愿者有您需要的技能：{what}",
    "credentials": "志愿者的证书已核对，在有效期内",
    "sex": "符合您对服务者性别的要求",
    "on_duty": "志愿者正在值守，可以马上出发",
    "available": "志愿者在您要的时间有空",
}
_RESIDENT_EN = {
    "nearby": "The volunteer is nearby",
    "continuity": "This volunteer has served you before",
    "language": "The volunteer speaks {what} with you",
    "skills": "The volunteer has the skills you need: {what}",
    "credentials": "The volunteer's credentials are checked and valid",
    "sex": "Matches your wish for a volunteer's sex",
    "on_duty": "The volunteer is on duty and could leave at once",
    "available": "The volunteer is free at the time you asked for",
}
REASONS = {
    "zh": {"volunteer": _VOLUNTEER_ZH, "coordinator": _COORDINATOR_ZH, "resident": _RESIDENT_ZH},
    "en": {"volunteer": _VOLUNTEER_EN, "coordinator": _COORDINATOR_EN, "resident": _RESIDENT_EN},
}

LOST = {
    "zh": {
        "active": "暂不参加服务",
        "skills": "没有所需技能",
        "credentials": "没有届时有效的证书",
        "minimum_age": "年龄不符合要求",
        "sex": "不符合对服务者性别的要求",
        "on_duty": "现在不在值守",
        "radius": "超出服务半径",
        "reach": "来不及赶到",
        "availability": "这段时间没空",
        "overlap": "与已接的服务冲突",
        "daily_limit": "当天接单已达上限",
        "weekly_limit": "本周时长已达上限",
        "banned": "这一单不再邀请",
    },
    "en": {
        "active": "not taking part at present",
        "skills": "lack a skill needed",
        "credentials": "no credential valid at that time",
        "minimum_age": "not known to be old enough",
        "sex": "not of the sex asked for",
        "on_duty": "not on duty now",
        "radius": "too far for their own radius",
        "reach": "cannot get there in time",
        "availability": "not free at that time",
        "overlap": "clashes with accepted work",
        "daily_limit": "has reached the daily limit",
        "weekly_limit": "has reached the weekly limit",
        "banned": "not to be asked for this order",
    },
}

BAN_WORDS = {
    "zh": {
        "declined": "这次已谢绝",
        "blocked": "双方不再匹配",
        "already_offered": "已经邀请过",
        "own": "是自己的单子",
        "quiet": "现在是免打扰时间",
        "enough": "今天或这周收到的邀请够多了",
    },
    "en": {
        "declined": "said no this time",
        "blocked": "not to be matched",
        "already_offered": "already asked",
        "own": "it is their own order",
        "quiet": "in their quiet hours",
        "enough": "had enough messages today or this week",
    },
}

UNPLACED = {
    "zh": {
        "lost": "{everybody} 名志愿者中：{parts}",
        "bans": "其他条件都合适但不再邀请的：{parts}",
        "taken": "合适的 {eligible} 人这次被更急或更合适的单子用上了，还缺 {open} 人",
        "taken_day": "合适的 {eligible} 人这天先安排了别的服务，还缺 {open} 人",
        "too_few": "合适的 {eligible} 人都已安排在这一单，还缺 {open} 人",
        "nobody": "目前没有合适的志愿者，还缺 {open} 人",
        "waiting": "合适的志愿者这会儿都在帮别人，我们会继续为您找",
        "searching": "暂时还没有找到合适的志愿者，我们会继续为您找",
    },
    "en": {
        "lost": "Of {everybody} volunteers: {parts}",
        "bans": "Otherwise suitable but not to be asked: {parts}",
        "taken": "Suitable volunteers: {eligible}, needed more by other orders; still open: {open}",
        "taken_day": "Suitable volunteers: {eligible}, whose day goes to other orders first; still open: {open}",
        "too_few": "All suitable volunteers ({eligible}) are on this order already; still open: {open}",
        "nobody": "There is no suitable volunteer at present; still open: {open}",
        "waiting": "Suitable volunteers are helping others just now; we keep looking",
        "searching": "No suitable volunteer found yet; we keep looking",
    },
}
