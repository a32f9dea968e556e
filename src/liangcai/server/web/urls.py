"""The addresses of the pages, one list per noun."""

from django.urls import URLPattern, URLResolver, path, register_converter

from liangcai.server.web.views import (
    account,
    assessment,
    example,
    home,
    language,
    organisation,
    privacy,
    profile,
    report,
    staff_standards,
    standards,
)


class VersionConverter:
    """A version as the store has it: 1.0.0, or 1.0.0+1a2b3c4d where a shipped one changed."""

    regex = r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}(?:\+[0-9a-f]{8})?"

    def to_python(self, value: str) -> str:
        """Return the version as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Return the version as it is."""
        return value


register_converter(VersionConverter, "version")

home_urls: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("about/", home.about, name="about"),
    path("robots.txt", home.robots, name="robots"),
    path("language/<slug:code>/", language.language, name="language"),
]

standards_urls: list[URLPattern | URLResolver] = [
    path("search/", standards.search, name="search"),
    path("standards/", standards.standards, name="standards"),
    path("standards/compare/", standards.compare, name="standards-compare"),
    path("standards/<slug:code>/", standards.standard, name="standard"),
    path("standards/<slug:code>/levels/", standards.levels, name="standard-levels"),
    path("standards/<slug:code>/versions/", standards.versions, name="standard-versions"),
    path("standards/<slug:code>/<version:version>/", standards.standard, name="standard-version"),
    path(
        "standards/<slug:code>/<version:version>/units/<str:unit>/",
        standards.unit,
        name="standard-unit",
    ),
    path(
        "standards/<slug:code>/<version:version>/export/<slug:name>",
        standards.export,
        name="standard-export",
    ),
]

staff_urls: list[URLPattern | URLResolver] = [
    path("staff/standards/", staff_standards.versions, name="staff-standards"),
    path("staff/standards/upload/", staff_standards.upload, name="staff-standard-upload"),
    path("staff/standards/<uuid:pk>/", staff_standards.draft, name="staff-standard"),
    path("staff/standards/<uuid:pk>/publish/", staff_standards.publish, name="staff-publish"),
    path("staff/standards/<uuid:pk>/withdraw/", staff_standards.withdraw, name="staff-withdraw"),
]

account_urls: list[URLPattern | URLResolver] = [
    path("account/", account.account, name="account"),
    path("account/tokens/", account.mint_token, name="token-mint"),
    path("account/tokens/<uuid:token_id>/revoke/", account.revoke_token, name="token-revoke"),
    path("account/roles/<uuid:membership_id>/leave/", account.leave, name="membership-leave"),
    path("invitations/<str:token>/", account.invitation, name="invitation"),
]

organisation_urls: list[URLPattern | URLResolver] = [
    path("organisations/<uuid:organisation_id>/", organisation.organisation, name="organisation"),
    path("organisations/<uuid:organisation_id>/invite/", organisation.invite, name="invite"),
    path(
        "organisations/<uuid:organisation_id>/people/",
        organisation.people,
        name="organisation-people",
    ),
    path(
        "organisations/<uuid:organisation_id>/people/<uuid:person_id>/",
        organisation.person,
        name="organisation-person",
    ),
    path(
        "organisations/<uuid:organisation_id>/people/<uuid:person_id>/decide/<uuid:standard_id>/",
        organisation.decide,
        name="organisation-decide",
    ),
    path("roles/<uuid:membership_id>/change/", organisation.change_role, name="membership-change"),
    path("roles/<uuid:membership_id>/end/", organisation.remove_member, name="membership-end"),
    path(
        "open-invitations/<uuid:invitation_id>/withdraw/",
        organisation.withdraw_invitation,
        name="invitation-withdraw",
    ),
]

assessment_urls: list[URLPattern | URLResolver] = [
    path("assessments/", assessment.assessments, name="assessments"),
    path("assessments/start/", assessment.start, name="assessment-start"),
    path("assessments/<uuid:assessment_id>/", assessment.question, name="assessment"),
    path(
        "assessments/<uuid:assessment_id>/questions/<int:number>/",
        assessment.question,
        name="assessment-question",
    ),
    path("assessments/<uuid:assessment_id>/finish/", assessment.finish, name="assessment-finish"),
    path(
        "assessments/<uuid:assessment_id>/give-up/", assessment.abandon, name="assessment-abandon"
    ),
    path("assessments/<uuid:assessment_id>/review/", assessment.review, name="assessment-review"),
]

profile_urls: list[URLPattern | URLResolver] = [
    path("profile/", profile.profile, name="profile"),
    path("profile/<slug:code>/", profile.standard, name="profile-standard"),
    path("profile/<slug:code>/report.pdf", profile.pdf, name="profile-pdf"),
    path("decisions/<uuid:decision_id>/", report.decision, name="decision"),
    path("decisions/<uuid:decision_id>/report.pdf", report.pdf, name="decision-pdf"),
    path("examples/", example.examples, name="examples"),
    path("examples/<slug:name>/", example.example, name="example"),
    path("examples/<slug:name>/report.pdf", example.pdf, name="example-pdf"),
]

privacy_urls: list[URLPattern | URLResolver] = [
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/export/", privacy.export, name="privacy-export"),
    path("privacy/erase/", privacy.erase, name="privacy-erase"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *home_urls,
    *standards_urls,
    *staff_urls,
    *account_urls,
    *organisation_urls,
    *assessment_urls,
    *profile_urls,
    *privacy_urls,
]
