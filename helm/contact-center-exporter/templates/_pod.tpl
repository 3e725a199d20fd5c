{{/* Refuse combinations of values that could only end in a pod that does not work. */}}
{{- define "cce.checkValues" -}}
{{- $v := .Values }}
{{- $fromEnvironment := or $v.extraEnv $v.extraEnvFrom }}
{{- if and $v.demo.enabled (or $v.config $v.existingConfigMap) }}
{{- fail "demo.enabled runs simulated accounts only: remove config and existingConfigMap, or turn the demo off" }}
{{- end }}
{{- if and $v.config $v.existingConfigMap }}
{{- fail "config and existingConfigMap are both set: choose one" }}
{{- end }}
{{- if not (or $v.demo.enabled $v.existingConfigMap $fromEnvironment (dig "sources" dict $v.config)) }}
{{- fail "nothing to read: set config.sources or existingConfigMap, or demo.enabled=true to try the exporter without an account" }}
{{- end }}
{{- if and $v.demo.enabled $v.persistence.enabled }}
{{- fail "demo.enabled keeps nothing: turn persistence.enabled off" }}
{{- end }}
{{- if and $v.persistence.enabled (hasKey $v.config "ledger") }}
{{- fail "persistence.enabled keeps the ledger at /data: remove config.ledger" }}
{{- end }}
{{- end }}

{{/* The flags of the container. */}}
{{- define "cce.args" -}}
{{- if .Values.demo.enabled }}
- demo
{{- else }}
- run
{{- if or .Values.config .Values.existingConfigMap }}
- --config.file=/etc/contact-center-exporter/exporter.yml
{{- end }}
{{- end }}
- --web.listen-address=:10710
{{- if .Values.persistence.enabled }}
- --ledger.path=/data/ledger.sqlite
{{- end }}
- --log.level={{ .Values.log.level }}
- --log.format={{ .Values.log.format }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* One probe; give it a list of path and timings. */}}
{{- define "cce.probe" -}}
httpGet:
  path: {{ index . 0 }}
  port: http-metrics
{{ toYaml (index . 1) }}
{{- end }}

{{/* Where the container finds its files. Whole directories: a subPath would never be updated. */}}
{{- define "cce.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if or .Values.config .Values.existingConfigMap }}
- name: config
  mountPath: /etc/contact-center-exporter
  readOnly: true
{{- end }}
{{- if .Values.existingSecrets }}
- name: secrets
  mountPath: /run/secrets
  readOnly: true
{{- end }}
{{- if .Values.persistence.enabled }}
- name: data
  mountPath: /data
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "cce.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- if or .Values.config .Values.existingConfigMap }}
- name: config
  configMap:
    name: {{ include "cce.configMapName" . }}
{{- end }}
{{- with .Values.existingSecrets }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range . }}
      - secret:
          {{- toYaml . | nindent 10 }}
      {{- end }}
{{- end }}
{{- if .Values.persistence.enabled }}
- name: data
  persistentVolumeClaim:
    claimName: {{ include "cce.claimName" . }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
