"""Everything that can be set from outside, with defaults that work offline; read once, in `bot.build`."""

import re
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of every process; each field is the environment variable of its alias, and README lists them all."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    home: Path = Field(Path("~/.local/share/caveat"), validation_alias="CAVEAT_HOME")
    database_url: SecretStr = Field(SecretStr(""), validation_alias="CAVEAT_DATABASE_URL")
    chroma_url: str = Field("", validation_alias="CAVEAT_CHROMA_URL")
    embedder: Literal["static", "openai", "minilm"] = Field("static", validation_alias="CAVEAT_EMBEDDER")
    embedding_model: str = Field("text-embedding-3-small", validation_alias="CAVEAT_EMBEDDING_MODEL")
    embedding_base_url: str = Field("", validation_alias="CAVEAT_EMBEDDING_BASE_URL")
    model: str = Field("", validation_alias="CAVEAT_MODEL")
    openai_api_key: SecretStr = Field(SecretStr(""), validation_alias="OPENAI_API_KEY")
    openai_base_url: str = Field("", validation_alias="OPENAI_BASE_URL")
    model_api: Literal["auto", "chat", "responses"] = Field("auto", validation_alias="CAVEAT_MODEL_API")
    model_tokens: int = Field(4000, ge=200, le=100_000, validation_alias="CAVEAT_MODEL_TOKENS")
    model_restates: bool = Field(default=True, validation_alias="CAVEAT_MODEL_RESTATES")
    tokens_per_user_day: int = Field(0, ge=0, validation_alias="CAVEAT_TOKENS_PER_USER_DAY")
    tokens_per_place_day: int = Field(0, ge=0, validation_alias="CAVEAT_TOKENS_PER_PLACE_DAY")
    tokens_per_day: int = Field(0, ge=0, validation_alias="CAVEAT_TOKENS_PER_DAY")
    cost_per_day: float = Field(0.0, ge=0, validation_alias="CAVEAT_COST_PER_DAY")
    price_in: float = Field(0.0, ge=0, validation_alias="CAVEAT_PRICE_IN")
    price_out: float = Field(0.0, ge=0, validation_alias="CAVEAT_PRICE_OUT")
    budget_seconds: float = Field(20.0, gt=0, le=300, validation_alias="CAVEAT_BUDGET_SECONDS")
    questions_per_user: int = Field(40, ge=0, validation_alias="CAVEAT_QUESTIONS_PER_USER")
    questions_per_place: int = Field(200, ge=0, validation_alias="CAVEAT_QUESTIONS_PER_PLACE")
    questions_window: float = Field(600.0, gt=0, le=86_400, validation_alias="CAVEAT_QUESTIONS_WINDOW")
    at_once_per_user: int = Field(2, ge=0, validation_alias="CAVEAT_AT_ONCE_PER_USER")
    at_once_per_place: int = Field(6, ge=0, validation_alias="CAVEAT_AT_ONCE_PER_PLACE")
    deadline_seconds: float = Field(120.0, ge=5, le=86_400, validation_alias="CAVEAT_DEADLINE_SECONDS")
    takeover_seconds: float = Field(15.0, ge=1, le=3_600, validation_alias="CAVEAT_TAKEOVER_SECONDS")
    retention_days: int = Field(0, ge=0, le=36_500, validation_alias="CAVEAT_RETENTION_DAYS")
    traces_endpoint: str = Field(
        "", validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    )
    traces_exporter: str = Field("otlp", validation_alias="OTEL_TRACES_EXPORTER")
    traces_disabled: str = Field("false", validation_alias="OTEL_SDK_DISABLED")
    private_hosts: str = Field("", validation_alias="CAVEAT_PRIVATE_HOSTS")
    admins: str = Field("", validation_alias="CAVEAT_ADMINS")
    reviewers: str = Field("", validation_alias="CAVEAT_REVIEWERS")
    decision_days: int = Field(365, ge=1, le=1825, validation_alias="CAVEAT_DECISION_DAYS")
    slack_bot_token: SecretStr = Field(SecretStr(""), validation_alias="SLACK_BOT_TOKEN")
    slack_signing_secret: SecretStr = Field(SecretStr(""), validation_alias="SLACK_SIGNING_SECRET")
    slack_app_token: SecretStr = Field(SecretStr(""), validation_alias="SLACK_APP_TOKEN")
    slack_client_id: str = Field("", validation_alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr = Field(SecretStr(""), validation_alias="SLACK_CLIENT_SECRET")
    slack_teams: str = Field("", validation_alias="CAVEAT_SLACK_TEAMS")
    secret_key: SecretStr = Field(SecretStr(""), validation_alias="CAVEAT_SECRET_KEY")
    slack_api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    teams_client_id: str = Field("", validation_alias=AliasChoices("CLIENT_ID", "CAVEAT_TEAMS_CLIENT_ID"))
    teams_client_secret: SecretStr = Field(
        SecretStr(""), validation_alias=AliasChoices("CLIENT_SECRET", "CAVEAT_TEAMS_CLIENT_SECRET")
    )
    teams_tenant_id: str = Field("", validation_alias=AliasChoices("TENANT_ID", "CAVEAT_TEAMS_TENANT_ID"))
    teams_tenants: str = Field("", validation_alias="CAVEAT_TEAMS_TENANTS")
    teams_hosts: str = Field("smba.trafficmanager.net", validation_alias="CAVEAT_TEAMS_HOSTS")
    teams_file_hosts: str = Field(".sharepoint.com", validation_alias="CAVEAT_TEAMS_FILE_HOSTS")
    teams_login_url: str = Field("https://login.microsoftonline.com", validation_alias="CAVEAT_TEAMS_LOGIN_URL")
    teams_keys_url: str = Field(
        "https://login.botframework.com/v1/.well-known/openidconfiguration", validation_alias="CAVEAT_TEAMS_KEYS_URL"
    )
    teams_targeted: bool = Field(default=False, validation_alias="CAVEAT_TEAMS_TARGETED")
    teams_unchecked: bool = Field(default=False, validation_alias="DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS")
    host: str = Field("127.0.0.1", validation_alias="CAVEAT_HOST")
    port: int = Field(8080, ge=0, le=65535, validation_alias="PORT")
    metrics_port: int = Field(0, ge=0, le=65535, validation_alias="CAVEAT_METRICS_PORT")
    executor: str = Field("", validation_alias=AliasChoices("CAVEAT_EXECUTOR", "DYNO"))

    public_url: str = Field("", validation_alias="CAVEAT_PUBLIC_URL")
    link_secret: SecretStr = Field(SecretStr(""), validation_alias="CAVEAT_LINK_SECRET")
    link_days: int = Field(30, ge=1, le=3650, validation_alias="CAVEAT_LINK_DAYS")

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        """Take an address of the web without query, and without the slash at its end."""
        if value and not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~/-]*)?", value):
            raise ValueError
        return value.rstrip("/")

    @field_validator("link_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        """Take a secret that cannot be guessed: 16 characters or more."""
        if 0 < len(value.get_secret_value()) < 16:
            raise ValueError
        return value

    @field_validator("secret_key")
    @classmethod
    def _strong_keys(cls, value: SecretStr) -> SecretStr:
        """Take keys that cannot be guessed: 32 characters or more each."""
        if any(len(key) < 32 for key in value.get_secret_value().replace(",", " ").split()):
            raise ValueError
        return value

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys that installations are encrypted with, the present one first."""
        return tuple(self.secret_key.get_secret_value().replace(",", " ").split())

    @property
    def slack_by_oauth(self) -> bool:
        """Whether workspaces install the app by themselves: no bot token is set, and what OAuth needs is."""
        oauth = self.slack_client_id and self.slack_client_secret.get_secret_value() and self.secret_keys
        return bool(oauth) and not self.slack_bot_token.get_secret_value()

    @property
    def has_slack(self) -> bool:
        """Whether there is a workspace to speak with, or a way for one to install the app."""
        return bool(self.slack_bot_token.get_secret_value()) or self.slack_by_oauth

    @property
    def trusted_teams(self) -> frozenset[str]:
        """The workspaces and enterprises whose full members are the company's own people."""
        return frozenset(self.slack_teams.replace(",", " ").split())

    @property
    def allowed_private_hosts(self) -> frozenset[str]:
        """The hosts with private addresses that sources may be read from, in lower case."""
        return frozenset(filter(None, self.private_hosts.lower().replace(",", " ").split()))

    @property
    def teams_file_hosts_allowed(self) -> frozenset[str]:
        """The hosts that files shared in Teams are fetched from, in lower case; one with a leading dot stands for all below it."""
        return frozenset(filter(None, self.teams_file_hosts.lower().replace(",", " ").split()))

    @property
    def state(self) -> Path:
        """The state folder as an absolute path."""
        return self.home.expanduser().resolve()

    @property
    def traces(self) -> bool:
        """Whether spans are sent: an address for them is set, and nothing says that they are not wanted."""
        wanted = self.traces_exporter.strip().lower() in {"", "otlp"}
        return bool(self.traces_endpoint) and wanted and self.traces_disabled.strip().lower() != "true"

    @property
    def ledger_url(self) -> str:
        """The database of the ledger: the one that was set, else a SQLite file in the state folder."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.state / 'caveat.db'}"

    @property
    def jobs_url(self) -> str:
        """The database of durable work: the one that was set, else a SQLite file of its own in the state folder."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.state / 'jobs.db'}"
