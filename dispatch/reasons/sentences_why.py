"""Why, why not, and what would help: the sentences, Chinese and English side by side, for each reader.

Volunteers and residents read nothing about anybody else: no names, no ids, no distances, no counts.
"""

_OWN_RULES_ZH = {
    "active": "您目前设为暂不参加服务",
    "skills": "这一单需要的技能，您的资料里还没有",
    "credentials": "这一单需要证书，您的资料里没有到时候仍有效的",
    "minimum_age": "这一单对年龄有要求，您的资料暂不符合",
    "sex": "这一单对服务者的性别有要求",
    "on_duty": "这一单要马上出发，您现在不在值守",
    "radius": "超出了您自己选的服务范围",
    "reach": "从您那里现在出发也来不及",
    "availability": "您填的空闲时间盖不住这次服务",
    "availability:both_ways": "您填的空闲时间不够这次服务加上来回的路",
    "overlap": "和您已接的服务时间冲突，路上的时间也算在内",
    "daily_limit": "您那天的接单数已到您自己定的上限",
    "weekly_limit": "您那一周的时长已到您自己定的上限",
    "banned": "这一单这次不便邀请您",
    "banned:declined": "这一单您已谢绝，不再打扰您",
    "banned:already_offered": "这一单已经问过您了",
    "banned:own": "这是您自己的单子",
    "banned:quiet": "现在是您的免打扰时间",
    "banned:enough": "您今天或这周收到的邀请已经够多了，先不打扰您",
}
_OWN_RULES_EN = {
    "active": "you have paused taking part",
    "skills": "it needs a skill that is not in your profile",
    "credentials": "it needs a credential; your profile has none that is valid then",
    "minimum_age": "it asks for an age that your profile does not show",
    "sex": "it asks for a volunteer of the other sex",
    "on_duty": "it is needed at once and you are not on duty now",
    "radius": "it is too far for the radius you chose",
    "reach": "you could not get there in time even if you left now",
    "availability": "your free hours do not cover it",
    "availability:both_ways": "your free hours are too short for it and both ways",
    "overlap": "it clashes with work you have accepted, the way there included",
    "daily_limit": "you have reached your own limit for that day",
    "weekly_limit": "you have reached your own limit for that week",
    "banned": "you cannot be asked for this order this time",
    "banned:declined": "you said no this time, so you will not be asked again",
    "banned:already_offered": "you have been asked already",
    "banned:own": "it is your own order",
    "banned:quiet": "these are your quiet hours",
    "banned:enough": "you have had enough messages today or this week",
}
OWN_RULES = {"zh": _OWN_RULES_ZH, "en": _OWN_RULES_EN}

BECAUSE = {
    "zh": {
        "travel": "有人离得更近",
        "fairness": "有人近期服务得更少，机会先给他们",
        "language": "有人会说对方想听的话",
        "continuity": "有人和这位居民更熟",
        "answer": "有人通常回复得更及时",
        "stability": "这一单先问了别人",
        "whole_day": "一天算下来，请别人更合适",
        "equal": "有人同样合适，这次抽签抽到了别人",
    },
    "en": {
        "travel": "somebody is nearer",
        "fairness": "somebody has served less lately, so it is their turn",
        "language": "somebody speaks the language wished for",
        "continuity": "somebody knows this resident better",
        "answer": "somebody usually answers sooner",
        "stability": "somebody else was asked first",
        "whole_day": "over the whole day somebody else suits better",
        "equal": "somebody suits just as well and was drawn by lot",
    },
}
WHY_NOT = {
    "zh": {
        "volunteer": {
            "serves": "这一单正想请您",
            "refused": "这一单没有问您：{rules}",
            "elsewhere": "这次更想请您去帮另一单，同一轮只请您一单",
            "full": "您这天先安排了别的服务",
            "unplanned": "这一单这次还没排上，您是合适的人",
            "dearer": "这次先请了别人：{because}",
            "by": "您的路要再短{minutes}以上，才会轮到您",
            "open": "这一单要几个人一起去，人还没凑齐",
        },
        "coordinator": {
            "serves": "这次就请这位",
            "refused": "不能请：{rules}",
            "elsewhere": "这次请这位去 {serves}",
            "full": "合适，但这天先安排了别的服务",
            "unplanned": "合适，但这一单这次没排上",
            "dearer": "别人更合适：{because}",
            "by": "至少要再便宜 {points} 分（合{minutes}的路）才会改请这位",
            "by_points": "至少要再便宜 {points} 分才会改请这位",
            "lasting": "改请这位，别处就会有服务没人去",
            "open": "合适，但这一单要么人齐、要么不派，这次没凑齐",
        },
        "resident": {
            "serves": "这位志愿者会来",
            "refused": "这位志愿者这次来不了，我们会为您找别的合适的人",
            "elsewhere": "这位志愿者这次另有安排，我们会为您找别的合适的人",
            "full": "这位志愿者这天另有安排，我们会为您找别的合适的人",
            "unplanned": "这一单这次还没排上，我们会继续为您找",
            "dearer": "这次有更合适您的志愿者",
            "open": "需要的人还没凑齐，我们会继续为您找",
        },
    },
    "en": {
        "volunteer": {
            "serves": "You are the one we would like to ask",
            "refused": "You were not asked: {rules}",
            "elsewhere": "You are needed more for another order, and we ask you for one at a time",
            "full": "Your day goes to other orders first",
            "unplanned": "It is not planned yet; you would suit",
            "dearer": "Somebody else was asked first: {because}",
            "by": "Your way would have to be at least {minutes} shorter before it were you",
            "open": "It needs several people together and not enough were found yet",
        },
        "coordinator": {
            "serves": "Is asked for it",
            "refused": "Cannot be asked: {rules}",
            "elsewhere": "Is asked for {serves} instead",
            "full": "Suitable, but the day goes to other orders first",
            "unplanned": "Suitable, but the order is not planned this time",
            "dearer": "Others are the better choice: {because}",
            "by": "The plan changes only if this pair were cheaper by at least {points} points ({minutes} of travel)",
            "by_points": "The plan changes only if this pair were cheaper by at least {points} points",
            "lasting": "Otherwise another order would find nobody",
            "open": "Suitable, but the order wants all its people or none, and not all were found",
        },
        "resident": {
            "serves": "This volunteer will come",
            "refused": "This volunteer cannot come this time; we look for somebody else who suits",
            "elsewhere": "This volunteer is busy this time; we look for somebody else who suits",
            "full": "This volunteer is busy that day; we look for somebody else who suits",
            "unplanned": "It is not planned yet; we keep looking",
            "dearer": "There is a volunteer who suits you better this time",
            "open": "Not everybody needed has been found yet; we keep looking",
        },
    },
}

TERM_WORDS = {
    "zh": {
        "travel": "路程 {points}（{distance}，{minutes} 分钟）",
        "fairness": "均衡 {points}（按近期服务多少计）",
        "language": "语言 {points}（不会对方想听的话）",
        "continuity": "熟悉 {points}（以前服务的是别人）",
        "answer": "回复 {points}（不一定及时回复）",
        "stability": "稳定 {points}（先问的是别人）",
    },
    "en": {
        "travel": "travel {points} ({distance}, {minutes} min)",
        "fairness": "fairness {points} (by how much they have served lately)",
        "language": "language {points} (does not speak the one wished for)",
        "continuity": "continuity {points} (others served before)",
        "answer": "answer {points} (does not always answer in time)",
        "stability": "stability {points} (others were asked first)",
    },
}
WHY = {
    "zh": {
        "volunteer": {
            "slack": "就算您路上再多{minutes}，这一单也还是最想请您",
            "lasting": "这一单目前不容易请到别人；您不方便也没关系",
        },
        "coordinator": {
            "terms": "代价 {cost} 分：{parts}",
            "free": "没有任何代价",
            "runner_up": "下一位是 {runner_up}，多 {margin} 分",
            "slack": "路上再多{minutes}也还是这样派（余地 {slack} 分）",
            "points": "再贵 {slack} 分也还是这样派",
            "equal": "另有同样好的派法",
            "lasting": "少了这位就有服务没人去，路再远也还是这样派",
        },
        "resident": {"slack": "这位志愿者是目前最合适您的人", "lasting": "这位志愿者是目前最合适您的人"},
    },
    "en": {
        "volunteer": {
            "slack": "Even if your way were {minutes} longer, you would still be the one we would like to ask",
            "lasting": "It would be hard to find somebody else for this; it is still fine to say no",
        },
        "coordinator": {
            "terms": "Costs {cost} points: {parts}",
            "free": "Costs nothing at all",
            "runner_up": "Next in line is {runner_up}, {margin} points dearer",
            "slack": "Stays the choice even if the way were {minutes} longer ({slack} points to spare)",
            "points": "Stays the choice even if it were {slack} points dearer",
            "equal": "Another choice is just as good",
            "lasting": "Without this person some order would find nobody, so no distance changes this",
        },
        "resident": {
            "slack": "This volunteer suits you best at present",
            "lasting": "This volunteer suits you best at present",
        },
    },
}
TAKERS = {
    "zh": {
        "held": "他们这次在帮：{parts}",
        "one": "{order}（优先级 {priority}，{people} 人）",
        "loses": "叫走其中一位，至少有优先级 {loses} 的服务会落空",
    },
    "en": {
        "held": "They serve: {parts}",
        "one": "{order} (priority {priority}, {people} of them)",
        "loses": "Taking one of them away would leave at least priority {loses} open elsewhere",
    },
}
