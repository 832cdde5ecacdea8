"""What would fill an open order, in Chinese and English, for each reader.

The resident reads only what is theirs to change, the volunteer only what is theirs; neither reads about anybody else.
"""

REMEDIES = {
    "zh": {
        "coordinator": {
            "drop:sex": "不限定服务者的性别",
            "drop:minimum_age": "不限定服务者的年龄",
            "drop:now": "不要求马上由值守的人去",
            "radius": "请 {who} 多走 {distance}",
            "move": "让 {who} 可以晚{late}，把人腾出来",
            "later": "让服务可以晚{late}",
            "more": "多请 {people} 人一起去，每人时间短一些",
            "split": "分两次去，每次一半的时间",
            "fewer": "先去 {people} 人",
            "newcomer": "这附近再有 {people} 位志愿者",
            "newcomer:what": "这附近再有 {people} 位志愿者，要有：{what}",
            "then": "{change}，就能派出：{helpers}",
            "dearer": "全部服务的代价多 {cost} 分",
            "cheaper": "全部服务的代价少 {cost} 分",
        },
        "resident": {
            "drop:sex": "如果不限服务者的性别，现在就有人能来",
            "drop:now": "如果不用马上来，就有人能来",
            "later": "如果可以晚{late}，就有人能来",
            "more": "如果可以多来 {people} 个人、每人时间短一些，就有人能来",
            "split": "如果分两次来、每次一半的时间，就有人能来",
            "fewer": "如果先来 {people} 个人也可以，现在就能安排",
        },
        "volunteer": {"radius": "如果您愿意多走 {distance}，就能帮上这一单；不方便也没关系"},
    },
    "en": {
        "coordinator": {
            "drop:sex": "Ask for no particular sex",
            "drop:minimum_age": "Ask for no particular age",
            "drop:now": "Do not ask for somebody on duty at once",
            "radius": "Ask {who} to go {distance} farther",
            "move": "Let {who} be up to {late} later, which sets somebody free",
            "later": "Let it be up to {late} later",
            "more": "Send {people} more people, for a shorter time each",
            "split": "Make it two visits of half the time",
            "fewer": "Begin with {people} of the people",
            "newcomer": "With more volunteers near here ({people})",
            "newcomer:what": "With more volunteers near here ({people}) who have: {what}",
            "then": "{change}: then these could come: {helpers}",
            "dearer": "All services together cost {cost} points more",
            "cheaper": "All services together cost {cost} points less",
        },
        "resident": {
            "drop:sex": "If it may be a volunteer of either sex, somebody could come",
            "drop:now": "If it need not be at once, somebody could come",
            "later": "If it may be up to {late} later, somebody could come",
            "more": "If {people} more may come, for a shorter time each, it could be done",
            "split": "If it may be two visits of half the time, somebody could come",
            "fewer": "If {people} may come to begin with, it could be done now",
        },
        "volunteer": {"radius": "If you would go {distance} farther, you could help here; it is fine if not"},
    },
}
