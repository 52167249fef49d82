"""The sensor `import_alerts`: tells people of imports that failed or wait for them, once it is turned on.

Where they are told is set by IMPORT_PIPELINE_ALERT_…; how, is in `service/alerts.py`.
"""

from typing import TYPE_CHECKING

import dagster as dg

from import_pipeline.orchestration.masking import told_of_record
from import_pipeline.orchestration.opening import OpenHome
from import_pipeline.orchestration.tags import title_of

if TYPE_CHECKING:
    from import_pipeline.stores.import_record import ImportRecord

IMPORT_ALERTS = "import_alerts"


def build_alerts(open_home: OpenHome) -> dg.SensorDefinition:
    """The sensor.

    Args:
        open_home: Gives the home, when it ticks.
    """

    @dg.sensor(
        name=IMPORT_ALERTS,
        target=None,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Tells people of imports that failed or wait for a person, whichever way they came in: by a chat "
        "webhook (IMPORT_PIPELINE_ALERT_WEBHOOK) and by e-mail (IMPORT_PIPELINE_ALERT_MAIL_TO and "
        "IMPORT_PIPELINE_ALERT_SMTP_URL). What happened before it is turned on is not told.",
    )
    def import_alerts(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        from import_pipeline.service.alerts import alert, channels_of

        home = open_home()
        if not channels_of(home.settings):
            return dg.SensorResult(
                skip_reason="Nobody is told: set IMPORT_PIPELINE_ALERT_WEBHOOK, or IMPORT_PIPELINE_ALERT_MAIL_TO and "
                "IMPORT_PIPELINE_ALERT_SMTP_URL.",
                cursor=context.cursor,
            )

        def tell(record: "ImportRecord") -> str:
            reason = told_of_record(record, show_values=home.settings.show_values)
            return f"{title_of(record)} {record.status.value}: {reason}"

        found = alert(home, context.cursor, tell)
        errors = [f"{name} is tried again: {error}" for name, error in found.errors.items()]
        if errors and not any(found.sent.values()):  # nothing is lost by a tick that fails
            raise dg.Failure("; ".join(errors))
        told = [f"{count} told by {name}" for name, count in found.sent.items() if count]
        return dg.SensorResult(skip_reason="; ".join([*told, *errors]) or "Nothing new to tell.", cursor=found.cursor)

    return import_alerts
