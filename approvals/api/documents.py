"""The OpenAPI document and its page, from local assets, for everyone: they hold nothing of any workspace."""

from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1 as JSON."""

    renderer_classes = [OpenApiJsonRenderer]  # a list, as its base has it


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI without inline script or style, so that the content security policy holds."""

    template_name = "api/docs.html"
    url_name = "api-schema"
