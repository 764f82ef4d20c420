"""Addresses of label schemas: stored versions, and those in the making."""

from django.urls import path

from annotation.views import schema_drafts, schema_parts, schemas

DRAFT = "schemas/drafts/<int:draft_id>/"
CLASS = f"{DRAFT}classes/<slug:class_id>/"

schema_pages = [
    path("schemas/", schemas.schema_list, name="schema-list"),
    path("schemas/import/", schema_drafts.schema_import, name="schema-import"),
    path("schemas/preview/", schemas.schema_preview, name="schema-preview"),
    path("schemas/<int:schema_id>/", schemas.schema_detail, name="schema-detail"),
    path("schemas/<int:schema_id>.json", schemas.schema_export, name="schema-export"),
    path("schemas/<int:schema_id>/edit/", schema_drafts.draft_from, name="schema-edit"),
    path("schemas/<int:schema_id>/delete/", schemas.schema_delete, name="schema-delete"),
    path("schemas/drafts/", schema_drafts.draft_new, name="schema-new"),
    path(DRAFT, schema_drafts.draft, name="schema-draft"),
    path(f"{DRAFT}json/", schema_drafts.draft_json, name="schema-draft-json"),
    path(f"{DRAFT}store/", schema_drafts.draft_store, name="schema-draft-store"),
    path(f"{DRAFT}drop/", schema_drafts.draft_drop, name="schema-draft-drop"),
    path(f"{DRAFT}classes/", schema_parts.class_add, name="schema-draft-class-add"),
    path(CLASS, schema_parts.class_edit, name="schema-draft-class"),
    path(f"{CLASS}do/", schema_parts.class_do, name="schema-draft-class-do"),
    path(f"{CLASS}preview/", schema_parts.class_preview, name="schema-draft-class-preview"),
    path(f"{CLASS}fields/", schema_parts.field_new, name="schema-draft-field-new"),
    path(f"{CLASS}fields/preview/", schema_parts.field_preview, name="schema-draft-field-preview"),
    path(f"{CLASS}field/<slug:field_id>/", schema_parts.field_edit, name="schema-draft-field"),
    path(f"{CLASS}field/<slug:field_id>/do/", schema_parts.field_do, name="schema-draft-field-do"),
]
