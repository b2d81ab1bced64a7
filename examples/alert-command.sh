#!/bin/sh
# A program for ALERT_COMMAND: each alert becomes a line of the system log, under a name of its own.
#
# It is run as root, without words, with the alert as one line of JSON on its standard input.
# VEDETTE_KIND and VEDETTE_SEVERITY say what it is, VEDETTE_SOURCE who it is about: an address or a
# prefix, and empty for whoever is trusted. What stands in the JSON is told by the process that reads
# the network: hand it on, and put none of it into a command. An exit status other than 0 has the
# alert told again.
set -eu

case "$VEDETTE_SEVERITY" in
  error) level=err ;;
  warning) level=warning ;;
  *) level=notice ;;
esac

logger --tag vedette-alert --priority "daemon.$level"
