"""The harness's verbs of the `mynacard` command, a file each."""
