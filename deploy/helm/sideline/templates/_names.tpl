{{- define "sideline.name" -}}
{{- if contains "sideline" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-sideline" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "sideline.selector" -}}
app.kubernetes.io/name: sideline
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sideline.labels" -}}
{{ include "sideline.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
