"""A release on its way to whoever downloads it: the same for the page and for programs."""

from django.http import StreamingHttpResponse

from review.models import Release
from review.report_html import release_papers
from review.selectors.releases import archive_name, release_folder
from review.services.archive import refuse_incomplete, zip_chunks


def archive(release: Release) -> StreamingHttpResponse:
    """The release's files as a zip that is made while it is sent. Raises ReleaseNotReady."""
    folder, name = release_folder(release), archive_name(release)
    refuse_incomplete(release, folder)
    return StreamingHttpResponse(
        zip_chunks(folder, name, release_papers(release)),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}.zip"'},
    )
