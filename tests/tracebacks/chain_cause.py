class ConfigError(ValueError):
    pass


def parse(text: str) -> int:
    try:
        return int(text)
    except ValueError as e:
        raise ConfigError("bad number") from e


def load():
    try:
        parse("twelve")
    except ConfigError as e:
        raise RuntimeError("cannot load") from e


load()
