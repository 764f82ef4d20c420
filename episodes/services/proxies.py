"""Stand-ins for videos with far-apart key frames, made once a video and shown in its place."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from episodes.errors import TouchlineError
from episodes.media_errors import StorageUnavailable
from episodes.models import MediaAsset, Proxy, Stream
from episodes.selectors.data_files import data_path
from episodes.selectors.media import asset_index
from episodes.selectors.media_files import asset_file, media_bucket
from episodes.services.exclusive import only_one
from episodes.services.media import hold_assets, index_asset, scratch_file, store_asset
from episodes.video.proxy import BROWSERS_DECODE, LONGEST_GOP, write_proxy

SAID = 500


def assets_to_proxy() -> QuerySet[MediaAsset]:
    """Videos that the editor shows, whose index says that they need a proxy and that have none.

    One that could not be made is not tried again by itself.
    """
    coded = Q()
    for beginning in BROWSERS_DECODE:
        coded |= Q(frame_index__codec__startswith=beginning)
    shown = Stream.objects.filter(asset=OuterRef("pk"), modality=Stream.Modality.RGB)
    long = MediaAsset.objects.filter(coded, frame_index__max_gop__gt=LONGEST_GOP)
    # Said of the sources alone: a proxy is shown by no stream.
    return (
        long.filter(Exists(shown)).exclude(proxy__asset__isnull=False).exclude(proxy__error__gt="")
    )


def make_proxy(*, asset_id: int, again: bool = False) -> bool:
    """Make the proxy of a video, store and index it; whether one was made.

    Does nothing where one is there, where none is needed, and while another worker makes it. A
    video of which none can be made keeps the reason and is shown itself; ``again`` tries it once
    more. Raises VideoError, MediaMissing, MediaChanged, OSError, StorageUnavailable.
    """
    wanted = MediaAsset.objects.select_related("frame_index").filter(pk=asset_id)
    if again:
        Proxy.objects.filter(source=asset_id, asset=None).delete()
    with only_one(f"proxy {asset_id}") as mine:
        source = wanted.filter(pk__in=assets_to_proxy().values("pk")).first() if mine else None
        if source is None:
            return False
        try:
            _make(source)
        except StorageUnavailable:
            raise  # it passes
        except TouchlineError as error:
            said = {"asset": None, "error": str(error)[:SAID], "remedy": error.remedy[:SAID]}
            Proxy.objects.update_or_create(source=source, defaults=said)
            raise
    return True


def _make(source: MediaAsset) -> None:
    with scratch_file() as draft:
        index = write_proxy(asset_file(source), asset_index(source), draft)
        asset = store_asset(source=draft)
    index_asset(asset=asset, made=index)
    with transaction.atomic():
        hold_assets({source.pk, asset.pk})
        said = {"asset": asset, "error": "", "remedy": ""}
        Proxy.objects.update_or_create(source=source, defaults=said)


def forget_lost_proxies() -> int:
    """Proxies whose file somebody removed: they are made anew. How many there were."""
    if media_bucket() is not None:
        return 0
    lost = [
        one.pk
        for one in Proxy.objects.exclude(asset=None).select_related("asset").iterator()
        if one.asset is not None and not data_path(one.asset.path).is_file()
    ]
    return Proxy.objects.filter(pk__in=lost).delete()[0]
