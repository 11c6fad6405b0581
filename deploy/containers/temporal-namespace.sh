#!/bin/sh
# The namespace and what its workflows are searched by (workflows/search.py); again is harmless.
set -eu
address=${TEMPORAL_ADDRESS:-temporal:7233} namespace=${HUIQIAN_TEMPORAL_NAMESPACE:-huiqian}
until temporal operator cluster health --address "$address" >/dev/null 2>&1; do sleep 1; done
temporal operator namespace describe --address "$address" --namespace "$namespace" >/dev/null 2>&1 \
  || temporal operator namespace create --address "$address" --namespace "$namespace" --retention 72h
until temporal operator search-attribute list --address "$address" --namespace "$namespace" >/dev/null 2>&1; do sleep 1; done
for name in HuiqianKind HuiqianStage HuiqianAgency HuiqianWaitingFor HuiqianDue; do
  temporal operator search-attribute list --address "$address" --namespace "$namespace" | grep -q "$name" \
    || temporal operator search-attribute create --address "$address" --namespace "$namespace" --name "$name" --type Keyword
done
