"""plan -> examine -> decide -> record: the one pipeline that makes a verdict."""
