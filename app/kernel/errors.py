"""What can go wrong, in words of the domain. Knows nothing of HTTP: app/errors.py maps each class to a status."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l


class DomainError(Exception):
    """Something the domain refuses. `code` is for programs, `title` and `detail` are for people."""

    code = "error"
    title: Any = _l("没有办成")
    default_detail: Any = _l("请稍后再试，或打电话给社区。")

    def __init__(self, detail: Any = None, **more: Any) -> None:
        self.detail = detail or self.default_detail
        self.more = more
        super().__init__(str(self.code))


class NotFound(DomainError):
    """It does not exist, or lies outside what this person may know of: the answer is the same."""

    code = "not_found"
    title = _l("没有找到")
    default_detail = _l("可能已被移走，或您没有查看的权限。")


class NotSignedIn(DomainError):
    code = "not_signed_in"
    title = _l("请先登录")
    default_detail = _l("登录后就能继续，刚才填的内容不会丢。")


class StepUpRequired(DomainError):
    """Who it is, is known; that it is still they who sit there, must be shown again."""

    code = "step_up_required"
    title = _l("请再输一次密码")
    default_detail = _l("这一步很重要，请再输一次密码，确认是您本人。")


class CodeRequired(DomainError):
    """The password was right; the code of the authenticator app is still wanted."""

    code = "code_required"
    title = _l("还要一个验证码")
    default_detail = _l("请输入验证器应用上的六位数字。")


class FactorRequired(DomainError):
    code = "second_factor_required"
    title = _l("请先开启两步验证")
    default_detail = _l("工作人员的账号要先开启两步验证，才能办公。")


class TooManyTries(DomainError):
    """A soft lock: it opens by itself; `more['seconds']` says when."""

    code = "too_many_tries"
    title = _l("试得太多了")
    default_detail = _l("请过一会儿再试。着急的话，可以请社区当面帮您重设密码。")


class TooManyLooks(DomainError):
    """Somebody looked at more people's details than the hour or the day allows."""

    code = "too_many_looks"
    title = _l("看得太多了")
    default_detail = _l("这一小时或这一天查看的次数已经用完，请过一会儿再看，或请同事帮忙。")


class NotAllowed(DomainError):
    code = "not_allowed"
    title = _l("没有权限")
    default_detail = _l("您的账号不能做这件事。如需要，请联系社区管理员。")


class WrongSecret(DomainError):
    """Sign-in failed; never says whether the phone or the password was wrong."""

    code = "wrong_secret"
    title = _l("没有登录成功")
    default_detail = _l("手机号或密码不对，请再试一次。")


class WrongState(DomainError):
    """The table of moves knows no such step from here."""

    code = "wrong_state"
    title = _l("这一步现在不能做")
    default_detail = _l("情况刚刚变了，请看看最新的状态。")


class AlreadyTaken(DomainError):
    code = "already_taken"
    title = _l("名额已满")
    default_detail = _l("这个单子刚刚有人接了，谢谢您！如果空出来，我们会先问您。")


class OfferOver(DomainError):
    code = "offer_over"
    title = _l("邀请已结束")
    default_detail = _l("这次邀请已经过了时间或被收回，没有关系，谢谢您。")


class Overlaps(DomainError):
    code = "overlaps"
    title = _l("时间冲突")
    default_detail = _l("这段时间您已经接了别的任务。")


class NotFitting(DomainError):
    """A hard rule is not met; `more['conflicts']` lists which."""

    code = "not_fitting"
    title = _l("条件不符合")
    default_detail = _l("这个单子需要的条件和您的资料不一致。")


class WrongCode(DomainError):
    code = "wrong_code"
    title = _l("服务码不对")
    default_detail = _l("请向居民再问一次四位服务码，或请社区帮您签到。")


class TooEarly(DomainError):
    code = "too_early"
    title = _l("还没到时间")


class OwnEntry(DomainError):
    """Whoever entered hours never approves the same hours."""

    code = "own_entry"
    title = _l("需要另一个人审核")
    default_detail = _l("录入时长的人不能审核同一条时长，请同事来审核。")


class AlreadyRated(DomainError):
    code = "already_rated"
    title = _l("已经评价过了")
    default_detail = _l("谢谢，您的评价已经收到。")


class KeyReused(DomainError):
    code = "idempotency_key_reused"
    title = _l("重复的请求编号")
    default_detail = _l("同一个请求编号用在了不同的内容上，请刷新页面再提交。")


class Invalid(DomainError):
    """What was typed does not fit; `fields` maps a field to sentences that say what to do."""

    code = "validation"
    title = _l("有几处需要改一下")
    default_detail = _l("请看标出的地方，改好后再提交。")

    def __init__(self, fields: dict[str, list[Any]], detail: Any = None) -> None:
        super().__init__(detail)
        self.fields = fields


class Conflict(DomainError):
    """Two people did something at once and this one came second."""

    code = "conflict"
    title = _l("刚刚有人改过")
    default_detail = _l("请刷新看看最新的情况，再决定要不要继续。")


class ChangedMeanwhile(Conflict):
    """A colleague changed what the form was about since its page was drawn; `more` says who, what, and the version."""

    code = "changed_meanwhile"


class StorageFull(DomainError):
    """Nothing can be written now; reading goes on."""

    code = "storage_full"
    title = _l("暂时只能查看")
    default_detail = _l("服务器暂时存不下新的内容，现在只能看，不能办。恢复以后再提交就行，我们正在处理。")


class Unavailable(DomainError):
    code = "unavailable"
    title = _l("暂时办不了")
    default_detail = _l("系统正忙，您填的内容还在，请过一会儿再提交。")
