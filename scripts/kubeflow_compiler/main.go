// Compiles a pipeline as the API server of Kubeflow Pipelines does when a run is created, and prints the Argo Workflow.
// It is built inside the source of Kubeflow Pipelines: see scripts/kubeflow_compiler.sh.
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/kubeflow/pipelines/api/v2alpha1/go/pipelinespec"
	"github.com/kubeflow/pipelines/backend/src/apiserver/config/proxy"
	"github.com/kubeflow/pipelines/backend/src/v2/compiler/argocompiler"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: %s PIPELINE.yaml", os.Args[0]))
	}
	content, err := os.ReadFile(os.Args[1])
	fail(err)
	proxy.InitializeConfigWithEmptyForTests() // the server reads its own configuration here
	documents := bytes.SplitN(content, []byte("\n---\n"), 2)
	spec := &pipelinespec.PipelineSpec{}
	read(documents[0], spec)
	var kubernetes *pipelinespec.SinglePlatformSpec
	if len(documents) == 2 {
		platforms := &pipelinespec.PlatformSpec{}
		read(documents[1], platforms)
		kubernetes = platforms.GetPlatforms()["kubernetes"]
	}
	workflow, err := argocompiler.Compile(job(spec), kubernetes, &argocompiler.Options{PipelineRoot: spec.GetDefaultPipelineRoot()})
	fail(err)
	text, err := yaml.Marshal(workflow)
	fail(err)
	os.Stdout.Write(text)
}

// Reads YAML into a message. Unknown fields are errors.
func read(document []byte, message proto.Message) {
	text, err := yaml.YAMLToJSON(document)
	fail(err)
	fail(protojson.Unmarshal(text, message))
}

func job(spec *pipelinespec.PipelineSpec) *pipelinespec.PipelineJob {
	text, err := protojson.Marshal(spec)
	fail(err)
	content := &structpb.Struct{}
	fail(protojson.Unmarshal(text, content))
	return &pipelinespec.PipelineJob{
		Name:          spec.GetPipelineInfo().GetName(),
		PipelineSpec:  content,
		RuntimeConfig: &pipelinespec.PipelineJob_RuntimeConfig{},
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
