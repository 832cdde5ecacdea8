"""What the doctor finds and what alarms are about, in the words of the page for administrators."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

CHECKS = {
    "database": _l("数据库答得上来"),
    "schema": _l("数据表是这个版本要的"),
    "durability": _l("数据库的设置不会丢数据"),
    "clock": _l("时钟对得上"),
    "data keys": _l("个人信息的密钥都在"),
    "ticking": _l("到点的事有人办"),
    "outbox": _l("通知发得出去"),
    "disk": _l("存储空间够用"),
    "files": _l("还能放新文件"),
    "libraries": _l("浏览器要用的库都在"),
    "storage": _l("内容存得下"),
    "messages": _l("页面能即时更新"),
    "staying": _l("服务没有在停下"),
    "letters": _l("没有送不到的信"),
    "backup": _l("备份是新的"),
    "audit": _l("操作记录没有被改过"),
}

ALARMS = {
    "doctor": (_l("夜间体检发现了问题"), _l("看下面的体检结果；照《运维手册》处理后再检查一次。")),
    "storage": (_l("系统存不下新的内容，现在只能查看"), _l("请清理或扩大存储空间；腾出来以后会自己恢复。")),
    "disk": (_l("存储空间快满了"), _l("请清理或扩大存储空间。")),
    "clock": (_l("服务器和数据库的时钟对不上"), _l("请检查两台机器的对时服务。")),
    "ticking": (_l("到点的事没有人办"), _l("请看计时进程是不是在运行（flask tick 或 flask serve）。")),
    "outbox": (_l("通知积压了"), _l("请看计时进程和外部接收地址。")),
    "backup": (_l("备份太旧了"), _l("请做一次备份，并看定时任务为什么没有做。")),
    "audit": (_l("操作记录对不上"), _l("请运行 flask audit verify，看是哪一条；先不要改动数据库。")),
    "outbox.dead_letter": (_l("有信送不到外部接收地址"), _l("请到“规则与人员”的接收地址里查看并重发。")),
    "retention": (_l("夜里清理到期的资料没有做完"), _l("请看日志，再运行 flask privacy retention。")),
    "mass_reading": (_l("有人查看的个人信息比平时多得多"), _l("请问清楚原因；需要时收回权限。")),
}
UNKNOWN = _l("请看日志和《运维手册》。")

RULES = {
    "somebody_in_two_places": _l("没有志愿者同一时间在两处"),
    "more_people_than_places": _l("接单的人不超过名额"),
    "two_people_in_one_place": _l("一个名额只有一个人"),
    "places_miscounted": _l("名额数和要的人数一致"),
    "somebody_twice_on_one_order": _l("一个人在一单里只占一个名额"),
    "yes_without_place": _l("答应了的邀请都有名额，反过来也一样"),
    "people_coming_for_nothing": _l("已经结束的单子没有人还要去"),
    "staffed_without_people": _l("已接单的单子人是齐的"),
    "visit_unlike_assignment": _l("签到签退和任务状态一致"),
    "order_served_by_nobody": _l("服务中和已服务的单子确实有人"),
    "unverified_volunteer_sent": _l("接单的人核实过、在岗，也不是求助的人自己"),
    "unskilled_volunteer_sent": _l("接单的人会要求的技能"),
    "papers_missing": _l("接单的人有要求的证件，服务当天有效"),
    "too_young": _l("接单的人到了要求的年龄"),
    "blocked_pair_met": _l("互不见面的人没有被派到一起"),
    "journal_with_gaps": _l("单子的每一步都记了，没有缺号"),
    "step_not_in_the_table": _l("每一步都是规定允许的"),
    "step_from_elsewhere": _l("每一步都接着上一步"),
    "order_unlike_its_journal": _l("单子的状态和记录一致"),
    "offer_unlike_its_journal": _l("邀请的状态和记录一致"),
    "assignment_unlike_its_journal": _l("任务的状态和记录一致"),
    "time_running_backwards": _l("记录的时间不倒退"),
    "offer_past_its_time": _l("到时间的邀请都结束了"),
    "answer_too_late": _l("没有过了时间还接上的单"),
    "offer_for_nobody": _l("只有派单中的单子有邀请在外"),
    "order_without_timer": _l("没办完的单子都有下一步的时间"),
    "order_overdue": _l("到点的单子都有人办"),
    "run_never_ended": _l("没有卡住的派单"),
    "hours_not_once": _l("每次服务只记一次时长"),
    "hours_approved_by_oneself": _l("没有人审核自己的时长"),
    "hours_undecided": _l("时长的审核和数目合规"),
    "rating_out_of_place": _l("评价是当事人在服务之后写的，一边一条"),
    "key_without_answer": _l("重复提交只办一次"),
    "notice_not_in_outbox": _l("每条通知都进了发件箱"),
    "letter_forgotten": _l("每封信都有结果"),
    "event_not_in_chain": _l("每条记录都在防改链里"),
}
