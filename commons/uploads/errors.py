"""Why a file from outside is not taken."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Refusal, TooLarge


class NotAPicture(Refusal):
    """The file is no picture that we take, or is broken."""

    code = "not_a_picture"

    def __init__(self, field: str = "picture") -> None:
        super().__init__(_("这个文件不是照片，或者已经损坏；请换一张 JPG、PNG 或 WebP 照片"), field=field)


class PictureTooLarge(TooLarge):
    """The picture has more bytes or more pixels than we open."""

    code = "picture_too_large"

    def __init__(self, field: str = "picture") -> None:
        super().__init__(_("照片太大了，每张不超过 8 MB，请缩小后再传"), field=field)


class NotAVoice(Refusal):
    """The file is no recording that we take, or is broken."""

    code = "not_a_voice"

    def __init__(self, field: str = "voice") -> None:
        super().__init__(_("这个文件不是录音，或者已经损坏；请重新录一段"), field=field)


class VoiceTooLong(Refusal):
    """The recording lasts longer than a minute."""

    code = "voice_too_long"

    def __init__(self, field: str = "voice") -> None:
        super().__init__(_("录音超过了 60 秒，请分几段录，或说短一点"), field=field)


class VoiceTooLarge(TooLarge):
    """The recording has too many bytes."""

    code = "voice_too_large"

    def __init__(self, field: str = "voice") -> None:
        super().__init__(_("录音文件太大了，不超过 8 MB，请重新录一段"), field=field)
