"""Requests and answers as they are, by operation: shown in the API's description.

A test holds them to the shapes that the same description gives.
"""

from typing import Any

_SET = "6b0d2c1e-7c0f-4a3b-9d58-0f1d9f6a2b11"
_EPISODE = "1f6f5a52-02cf-4df6-8c2a-6a1d6d0c8a40"
_ASSIGNMENT = "9a4b7b0e-54a6-4f53-8f0c-0d3a51a2c7de"
_NEW = "c0ffee00-0000-4000-8000-000000000001"
_AT = "2026-11-26T09:30:00Z"
_GRASP = {
    "id": "5e1a3f80-9f5d-4e0a-8f53-0c4f54e7b001",
    "kind": "instant",
    "label_class": "grasp_closed",
    "start_ns": 1_680_000_000,
    "end_ns": None,
    "effector": "right",
}
_PROJECT = {
    "id": 7,
    "name": "Blocks",
    "description": "",
    "state": "active",
    "language": "en",
    "priority": 0,
    "deadline": "2027-01-31",
    "overlap": 2,
    "overlap_percent": 100,
    "gold_first_percent": 20,
    "gold_first_episodes": 50,
    "gold_percent": 5,
    "training_required": False,
    "qualification_required": False,
    "skips_flagged": 3,
    "schema": "core v2",
    "simulated": False,
    "version": 4,
    "created_at": _AT,
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "projects_create": {
        "request": {"name": "Blocks", "overlap": 2, "guideline": "# Contacts\n\nThe first frame."},
        "answer": _PROJECT,
    },
    "projects_retrieve": {"answer": _PROJECT},
    "projects_partial_update": {
        "request": {"version": 3, "deadline": "2027-01-31", "priority": 2},
        "answer": _PROJECT,
    },
    "projects_queue_create": {"request": {"episodes": [_EPISODE]}, "answer": {"added": 1}},
    "projects_guidelines_create": {
        "request": {
            "text": "# Contacts\n\nThe first frame of contact.",
            "summary": "What counts as contact",
            "must_acknowledge": True,
            "based_on": 1,
        }
    },
    "projects_claim_create": {
        "answer": {"assignment_id": _ASSIGNMENT, "url": f"/annotate/{_ASSIGNMENT}/"}
    },
    "annotation_sets_labels_partial_update": {
        "request": {
            "base_revision": 0,
            "request_id": _NEW,
            "client_id": "script",
            "put": [_GRASP],
            "remove": [],
        },
        "answer": {"revision": 1, "saved_at": _AT},
    },
    "annotation_sets_labels_retrieve": {
        "answer": {"revision": 1, "state": "draft", "labels": [_GRASP]}
    },
    "annotation_sets_submit_create": {
        "request": {"base_revision": 1, "request_id": _NEW, "claim_next": False},
        "answer": {
            "state": "submitted",
            "revision": 1,
            "next_url": "/projects/7/next/",
            "queue_url": "/queue/",
            "next": None,
        },
    },
    "assignments_activity_create": {
        "request": {"spans": [{"id": _NEW, "ago_ms": 60_000, "length_ms": 55_000, "labels": 3}]},
        "answer": {"new": 1},
    },
    "projects_episodes_comments_create": {
        "request": {
            "id": _NEW,
            "text": "Is this a slip? @ravi",
            "annotation_set": _SET,
            "at_ns": 1_680_000_000,
            "blocks": False,
        }
    },
    "projects_skips_create": {
        "request": {"place": 31, "decision": "handed", "hand_to": "ada", "note": "Ada knows it."}
    },
    "projects_reservations_create": {
        "request": {"places": [31, 32], "username": "ada", "until": "2026-12-24"},
    },
    "projects_task_policies_update": {
        "request": {"version": 4, "task": 3, "priority": 5, "tolerance_ns": 40_000_000}
    },
    "projects_acceptance_policies_update": {
        "request": {
            "version": 4,
            "task": None,
            "label_type": "instant",
            "evaluation": True,
            "bar_ppm": 980_000,
            "confidence_ppm": 950_000,
            "plan": "bound",
            "most_defects": 2,
        }
    },
    "projects_schema_moves_create": {
        "request": {"version": 4, "mapping": {"grasp_closed": "grasp", "slip": ""}},
        "answer": {"drafts": 11, "kept": 1},
    },
    "projects_webhooks_create": {
        "request": {"url": "https://example.com/touchline", "events": ["annotation_set.submitted"]}
    },
    "webhooks_partial_update": {"request": {"state": "paused"}},
    "projects_releases_create": {"request": {"batches": [12], "format": "labels"}},
    "imports_create": {
        "request": {
            "path": "/data/imports/pick_place",
            "name": "Pick and place",
            "mode": "copy",
            "answers": {"rate": "50"},
        }
    },
    "uploads_create": {
        "request": {
            "filename": "pick_place.zip",
            "size": 1_048_576,
            "sha256": "0" * 64,
            "dataset_name": "Pick and place",
        }
    },
    "batch_items_verdicts_create": {
        "request": {
            "decision": "returned",
            "annotation_sets": [_SET],
            "comment": "The grasp closes two frames later.",
            "version": 0,
            "request_id": _NEW,
        }
    },
    "batch_items_label_verdicts_create": {
        "request": {
            "annotation_set": _SET,
            "label_id": _GRASP["id"],
            "verdict": "ok",
            "request_id": _NEW,
        }
    },
    "batch_items_adjudications_create": {
        "request": {
            "method": "quorum",
            "annotation_sets": [_SET],
            "version": 0,
            "request_id": _NEW,
        }
    },
    "adjudications_accept_create": {
        "request": {"base_revision": 3, "request_id": _NEW, "version": 0}
    },
    "adjudications_undo_create": {
        "request": {"reason": "Ada's instant was right.", "version": 1, "request_id": _NEW}
    },
    "adjudications_labels_partial_update": {
        "request": {
            "base_revision": 0,
            "request_id": _NEW,
            "client_id": "script",
            "put": [_GRASP],
            "remove": [],
        }
    },
    "projects_batches_create": {
        "request": {"name": "November", "limit": 200, "plan": "hypergeometric", "allowed": 2}
    },
    "projects_agreement_runs_create": {
        "request": {
            "label_type": "instant",
            "first": "2026-11-01",
            "note": "Before the new guideline",
        }
    },
    "preferences_update": {
        "request": {"base_version": 2, "values": {"language": "de", "layout": "qwertz"}},
        "answer": {"version": 3, "values": {"language": "de", "layout": "qwertz"}},
    },
}
