"""``python -m api``: serve the API, make a key, or ask whether the service is ready.

Exit codes: 0 stopped by a signal; 1 not ready; 2 the settings or the arguments are wrong.
"""

from __future__ import annotations

import http.client
import sys
import time
import webbrowser
from pathlib import Path
from threading import Thread

import click
from pydantic import ValidationError

from api.keys import KeysWrong, add_key
from api.settings import PREFIX, Settings

NOT_READY = 1
WRONG = 2
STARTING_SECONDS = 120
"""Seconds within which the service of one's own machine is ready; an old one takes some."""
PAUSE_SECONDS = 0.5
"""Seconds between two attempts."""
ANSWER_SECONDS = 5
"""The timeout of one attempt."""


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Serve the API (without a command); settings are environment variables.

    启动服务（不带子命令）；设置见环境变量 COMPENSATION_API_*。
    """
    if context.invoked_subcommand is None:
        serve()


@main.group()
def keys() -> None:
    """API keys. / 访问密钥。"""  # noqa: D415 - the sentence ends in Chinese


@keys.command()
@click.argument("name")
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar=f"{PREFIX}KEYS_FILE",
    required=True,
    help="The file of keys (default: that of the settings). / 密钥文件。",
)
def new(name: str, path: Path) -> None:
    """Make a key of NAME, print it once, and keep only its SHA-256. / 新建密钥，只显示一次。"""  # noqa: D415
    try:
        key = add_key(path, name)
    except (KeysWrong, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(key)


@main.command("settings")
def list_settings() -> None:
    """List the settings: environment variable, default, meaning. / 列出设置。"""  # noqa: D415
    for name, field in Settings.model_fields.items():
        meaning = " ".join((field.description or "").split())
        click.echo(f"{PREFIX}{name.upper()}={field.default}\n    {meaning}")


@main.command()
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=0,
    help="Ask again for so long. / 最多等待多少秒。",
)
def ready(seconds: float) -> None:
    """Tell, by the exit code, whether the service of these settings is ready. / 服务是否就绪。"""  # noqa: D415
    if not is_ready(_settings(), seconds):
        click.echo("the service is not ready / 服务没有就绪", err=True)
        sys.exit(NOT_READY)


@main.command()
def page() -> None:
    """Serve, and open the page in the browser. / 启动服务，并在浏览器中打开页面。"""  # noqa: D415
    settings = _settings()
    if is_ready(settings, 0):  # started before, in another window
        webbrowser.open(_address(settings))
        return
    click.echo("正在启动，请稍候。 / Starting, please wait.")
    Thread(target=_open, args=(settings,), daemon=True).start()
    serve()


def is_ready(settings: Settings, seconds: float) -> bool:
    """Return whether /readyz answers 200, asking again until ``seconds`` have passed."""
    deadline = time.monotonic() + seconds
    while not _answers(settings):
        if time.monotonic() + PAUSE_SECONDS > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def _answers(settings: Settings) -> bool:
    # On Linux, connecting to 0.0.0.0 or :: reaches this machine.
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=ANSWER_SECONDS)
    host = settings.allowed_hosts[0] if settings.allowed_hosts else "localhost"
    try:
        connection.request("GET", "/readyz", headers={"Host": host})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _address(settings: Settings) -> str:
    return f"http://{settings.host}:{settings.port}{settings.root_path}/"


def _open(settings: Settings) -> None:
    """Open the page once the service is ready."""
    if is_ready(settings, STARTING_SECONDS):
        click.echo(
            f"页面 {_address(settings)} 已在浏览器中打开；关闭本窗口即停止。 / "
            "The page is open in the browser; close this window to stop."
        )
        webbrowser.open(_address(settings))


def serve() -> None:
    """Serve until a signal stops it; requests in progress are finished."""
    settings = _settings()
    # The other commands of this module need no service, which takes a second to import.
    from api.app import create_app
    from api.policies import PoliciesWrong
    from api.serving import serve as run

    try:
        app = create_app(settings)
    except (KeysWrong, PoliciesWrong, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG)
    run(app, settings)


def _settings() -> Settings:
    """Return the settings of the environment; print what is wrong with them, and exit."""
    try:
        return Settings()
    except ValidationError as error:
        click.echo(_said(error), err=True)
        sys.exit(WRONG)


def _said(error: ValidationError) -> str:
    """Return what is wrong with the settings, a line for each."""
    # It takes long to load, and is rarely needed.
    from api.problems import wrong_values

    return "\n".join(
        issue.line("en", repr(issue.value) if issue.where.parameter else None)
        for issue in wrong_values(
            {**each, "loc": ("setting", *(f"{PREFIX}{step}".upper() for step in each["loc"]))}
            for each in error.errors(include_url=False)
        )
    )


if __name__ == "__main__":
    main()
