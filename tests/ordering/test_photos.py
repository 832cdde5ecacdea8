"""Photos are drawn anew: what was hidden in the file stays behind, and bombs are refused."""

from io import BytesIO

import pytest
from PIL import Image

from app.kernel import pictures
from app.kernel.errors import Invalid
from app.ordering import photos
from tests.ordering.visitor import picture

GPS = 0x8825


def with_position():
    exif = Image.Exif()
    exif[0x010F] = "Camera of Mrs Wang"
    exif[GPS] = {1: "N", 2: (30.0, 16.0, 0.0), 3: "E", 4: (120.0, 9.0, 0.0)}
    return picture(exif=exif, comment=b"my flat is 302")


def test_the_position_and_all_other_hidden_data_are_gone(town):
    source = with_position()
    with Image.open(source) as before:
        assert GPS in before.getexif()
    source.seek(0)
    stored = photos.store_draft(source)
    content = photos.draft_path(stored.filename).read_bytes()
    with Image.open(BytesIO(content)) as after:
        assert not after.getexif() and "comment" not in after.info
    assert b"Wang" not in content and b"302" not in content


def test_a_photo_taken_sideways_stands_upright_without_its_exif(town):
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = photos.store_draft(picture(size=(300, 200), exif=exif))
    assert (stored.width, stored.height) == (200, 300)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_large_pictures_are_made_smaller_and_saved_as_jpeg(town, kind):
    stored = photos.store_draft(picture(kind, (4000, 1000)))
    assert (stored.width, stored.height) == (2048, 512)
    with Image.open(photos.draft_path(stored.filename)) as saved:
        assert saved.format == "JPEG"


def test_names_are_random_and_tell_nothing(town):
    names = {photos.store_draft(picture()).filename for _ in range(3)}
    assert len(names) == 3 and all(len(name) == 36 for name in names)


@pytest.mark.parametrize("size", [(5001, 5000), (40_000, 40_000)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(town, size):
    bomb = BytesIO()
    Image.new("1", size).save(bomb, "PNG")
    assert bomb.tell() < 1_000_000
    bomb.seek(0)
    with pytest.raises(Invalid) as refused:
        photos.store_draft(bomb)
    assert "photo" in refused.value.fields


def test_a_file_of_too_many_bytes_is_refused(town):
    with pytest.raises(Invalid):
        photos.store_draft(BytesIO(b"\xff\xd8" + b"0" * pictures.MOST_BYTES))


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_only_three_formats_are_read_whatever_the_name_says(town, kind):
    with pytest.raises(Invalid):
        photos.store_draft(picture(kind))


def test_a_truncated_picture_is_refused(town):
    whole = picture(size=(800, 800)).read()
    with pytest.raises(Invalid):
        photos.store_draft(BytesIO(whole[: len(whole) // 2]))


def test_drafts_nobody_placed_are_swept_away(town):
    import os

    from app.kernel.clock import now

    old = photos.store_draft(picture())
    long_ago = now().timestamp() - photos.DRAFT_SECONDS - 60
    os.utime(photos.draft_path(old.filename), (long_ago, long_ago))
    new = photos.store_draft(picture())
    assert not photos.draft_path(old.filename).exists() and photos.draft_path(new.filename).exists()


def test_a_name_cannot_lead_out_of_the_folder(town):
    assert pictures.path("../../linli.db").parent == pictures.folder()
