"""What the coordinator reads about a re-planning: what moved, and the cause of it."""

MOVES = {
    "zh": {
        "added": "{order}：新请 {after}（{cause}）",
        "dropped": "{order}：不再请 {before}（{cause}）",
        "moved": "{order}：{before} 换成 {after}（{cause}）",
        "retimed": "{order}：{after} 的时间变了（{cause}）",
    },
    "en": {
        "added": "{order}: {after} is asked ({cause})",
        "dropped": "{order}: {before} is no longer asked ({cause})",
        "moved": "{order}: {after} instead of {before} ({cause})",
        "retimed": "{order}: {after} at another time ({cause})",
    },
}
CAUSES = {
    "zh": {
        "new_order": "新的点单",
        "order_gone": "点单已撤销或已有人接",
        "more_needed": "需要的人多了",
        "fewer_needed": "需要的人少了",
        "volunteer_gone": "{before} 暂不参加服务",
        "declined": "{before} 这次已谢绝",
        "banned": "{before}：{why}",
        "unsuitable": "{before}：{why}",
        "made_room_for": "{before} 去服务 {other}",
        "freed_from": "{after} 不再需要去 {other}",
        "new_volunteer": "{after} 是新来的",
        "now_possible": "现在有合适的人了",
        "cheaper": "{after} 更合适",
        "rearranged": "这样整体更好",
        "other_time": "开始时间随安排而变",
    },
    "en": {
        "new_order": "a new order",
        "order_gone": "the order is withdrawn or taken",
        "more_needed": "more people are needed",
        "fewer_needed": "fewer people are needed",
        "volunteer_gone": "{before} does not take part at present",
        "declined": "{before} said no this time",
        "banned": "{before}: {why}",
        "unsuitable": "{before}: {why}",
        "made_room_for": "{before} is needed for {other}",
        "freed_from": "{after} is no longer needed for {other}",
        "new_volunteer": "{after} is new",
        "now_possible": "somebody suitable is there now",
        "cheaper": "{after} suits better",
        "rearranged": "better on the whole",
        "other_time": "its start follows the plan",
    },
}
